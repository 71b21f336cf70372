import { expect, it } from "vitest";
import type { InstalledRuntime } from "./runtimes.ts";
import { withProbe } from "./session.ts";

it.skipIf(process.platform === "win32")(
  "a probe that takes too long is ended, and that is said of it",
  async () => {
    const sleep: InstalledRuntime = {
      kind: "node",
      title: "sleep",
      version: "1",
      executable: "/bin/sh",
      found: "here",
    };
    const probe = { program: "waits", parameters: [], flags: ["-c", "sleep 60"], patience: 30 };
    const said = await withProbe(sleep, probe, async (session) => {
      expect(await session.next()).toBeNull();
      return session.complaints;
    });
    expect(said).toBe("it did not answer within 0.03 s");
  },
);

it("of a probe that an error ends, the whole error is said, and not the last line of Node.js", async () => {
  const node: InstalledRuntime = {
    kind: "node",
    title: "node",
    version: process.versions.node,
    executable: process.execPath,
    found: "here",
  };
  const script = "throw new RangeError('Cannot open: none of these\\n  first: it is not there')";
  const probe = { program: "fails", parameters: [], flags: ["--eval", script] };
  const said = await withProbe(node, probe, async (session) => {
    expect(await session.next()).toBeNull();
    return session.reason;
  });
  expect(said).toBe("RangeError: Cannot open: none of these first: it is not there");
});
