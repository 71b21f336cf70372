import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { derivedNeedle, expectNoResidue, scanProcess } from "../../conformance/mod.ts";
import { RUNTIMES, TargetProcess } from "../../testing/features/enclave/target_process.ts";
import { SOAK } from "../../testing/tier.ts";

const [SECRET, KEY, NEXT_KEY, WITNESS] = [101, 102, 103, 104] as const;
const needle = [
  derivedNeedle(SECRET, 32, "the secret"),
  derivedNeedle(KEY, 32, "the session key"),
  derivedNeedle(NEXT_KEY, 32, "the key after a rekey"),
];
const witness = derivedNeedle(WITNESS, 32, "witness");
const onLinux = process.platform === "linux";

let target: TargetProcess | undefined;
afterEach(() => target?.end());

/** Which of the needles a scan finds whole. */
function found(pid: number): readonly string[] {
  const result = scanProcess(pid, needle);
  if (result.outcome !== "scanned") throw new Error(result.reason);
  return [...new Set(result.findings.filter(({ complete }) => complete).map((one) => one.needle))];
}

// Memories that a scan can see into, so that the guarded pages are searched too.
const READABLE = [
  ["node-24", "sodium"],
  ...(SOAK
    ? ([
        ["node-26", "pages"],
        ["deno", "pages"],
        ["bun", "pages"],
      ] as const)
    : []),
] as const;

describe.skipIf(!onLinux).each(READABLE)("residue of enclaves on %s, %s", (runtime, memory) => {
  it.skipIf(!existsSync(RUNTIMES[runtime]?.[0] ?? ""))("is none", async () => {
    target = await TargetProcess.start(runtime, memory);
    const { pid } = target;
    const clean = (): unknown => expectNoResidue({ pid, needle, witness });
    await target.run(`plant ${WITNESS}`, `keys ${KEY}`, `seal ${SECRET}`);
    clean();

    // Control: where they are in the clear, the scan sees them.
    await target.run("hold");
    expect(found(pid)).toEqual(["the secret"]);
    await target.run("release");
    expect(await target.run("pause")).toBe("inside the engine");
    expect(found(pid)).toContain("the session key");
    await target.run("");

    for (const each of [["expose", "open"], ["clone", "destroy"], [`stream ${SECRET}`]]) {
      await target.run(...each);
      if (SOAK) clean();
    }
    await target.run(`keys ${NEXT_KEY}`, "rekey", "expose", "sleep 600");
    clean();
    await target.run("hold", "purge", "release");
    clean();
  });
});

/** Where the kernel writes core files to the working directory. */
const coresHere =
  onLinux && /^core[^/|]*$/.test(readFileSync("/proc/sys/kernel/core_pattern", "utf8").trim());

describe.skipIf(!coresHere || !SOAK)("a process with 1,000 enclaves", () => {
  it("shows none of them and no session key in a heap snapshot or a core file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "lethe-"));
    try {
      const dumping = ["bash", "-c", `ulimit -c unlimited; cd ${folder}; exec "$@"`, "bash"];
      target = await TargetProcess.start("node-24", "sodium", dumping);
      await target.run(`plant ${WITNESS}`, `keys ${KEY}`, `seal ${SECRET} 1000`, "expose");
      const file = join(folder, "heap.heapsnapshot");
      await target.run(`snapshot ${file}`);
      // Bytes of buffers are in no heap snapshot, so that no witness of bytes can be either: that the
      // file was read is shown by what it must have, the name of the class.
      expectNoResidue({ file, needle });
      expect(readFileSync(file, "utf8")).toContain("SealedSecret");
      await target.run("hold");
      await target.abort();
      const core = readdirSync(folder).find((name) => name.startsWith("core")) ?? "none";
      expectNoResidue({ core: join(folder, core), needle, witness });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
