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
