import { expect, it } from "vitest";
import { measure } from "../../testing/features/keyrings/measure.ts";
import { INSTALLED, SOAK } from "../../testing/features/prompt/pty.ts";

/** Memory that a scan can read, and under the soak secretmem, where only copies outside would show. */
const SUBJECTS = INSTALLED.flatMap((runtime) =>
  ["pages", "secretmem"].map((memory) => ({ runtime, memory })),
).filter(({ runtime, memory }) => SOAK || (runtime === "node-24" && memory === "pages"));

it.each(SUBJECTS)(
  "leaves nothing of what it read from the kernel's keyring: $runtime, $memory",
  async (subject) => {
    const measured = await measure({
      ...subject,
      ...{ kind: "kernel", reference: "lethe residue", seed: 8801, byteLength: 48 },
    });
    expect(measured).toMatchObject({ outcome: "ok", memory: subject.memory, live: 0, copies: 0 });
  },
);
