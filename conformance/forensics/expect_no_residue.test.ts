import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { encodeForTest } from "../../testing/forensics/encodings.ts";
import { PLANTS, secretOf } from "../../testing/forensics/plants.ts";
import { beside, RUNTIMES, startTarget, type Target } from "../../testing/forensics/processes.ts";
import { scanned } from "../../testing/forensics/scans.ts";
import { SOAK } from "../../testing/tier.ts";
import { derivedNeedle } from "./derived_needle.ts";
import { ENCODINGS } from "./encodings.ts";
import { expectNoResidue } from "./expect_no_residue.ts";
import { ForensicsError } from "./forensics_error.ts";
import { formatReport, reportToJson } from "./format_report.ts";
import { scanProcess } from "./scan_process.ts";

// Patience for a loaded machine: alone, each test takes about a second or less.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const NODE = RUNTIMES.find(({ name }) => name === "node-24")?.command[0] ?? process.execPath;
const absent = derivedNeedle(9, 32, "absent");
const [first] = PLANTS;
const planted = {
  label: "planted",
  bytes: first === undefined ? new Uint8Array(0) : secretOf(first),
};

let target: Target;
let directory = "";
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "lethe-expect-"));
  target = await startTarget([NODE, beside("target.ts"), "plants"]);
});
afterAll(async () => {
  await target.stop();
  rmSync(directory, { recursive: true });
});

function errorOf(action: () => unknown): ForensicsError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(ForensicsError);
    return error as ForensicsError;
  }
  throw new Error("did not throw");
}

/** The state of a process, the third field of its status. */
function state(pid: number): string {
  return readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.[0] ?? "";
}

describe("expectNoResidue", () => {
  it("passes where there is none, and proves by a witness that it sees", () => {
    expect(
      expectNoResidue({ pid: target.pid, needle: absent, witness: planted }).bytesScanned,
    ).toBeGreaterThan(1e6);
  });

  it("lists where residue lies, and never what it is", () => {
    const error = errorOf(() => expectNoResidue({ pid: target.pid, needle: [absent, planted] }));
    expect(error.code).toBe("ERR_FORENSICS_RESIDUE");
    expect(error.message).toMatch(
      /planted: all 32 bytes as raw at 0x[0-9a-f]+, read-write in 0x[0-9a-f]+-0x[0-9a-f]+ rw-p/,
    );
    expect(error.findings.length).toBeGreaterThan(0);
    const report = scanned(target.pid, [planted]);
    const path = join(directory, "told");
    writeFileSync(
      path,
      [error.message, error.stack, formatReport(report), reportToJson(report)].join("\n"),
    );
    expect(JSON.parse(reportToJson(report)).findings[0].address).toMatch(/^0x/);
    const told = readFileSync(path);
    for (const encoding of ENCODINGS)
      expect(told.includes(encodeForTest(encoding, planted.bytes))).toBe(false);
    expectNoResidue({ file: path, needle: planted, fragmentBytes: 8 });
  });

  it("is blind without its witness, and says so", () => {
    const error = errorOf(() =>
      expectNoResidue({
        pid: target.pid,
        needle: planted.label === "" ? planted : absent,
        witness: derivedNeedle(10, 32, "witness"),
      }),
    );
    expect(error.code).toBe("ERR_FORENSICS_BLIND");
    expect(error.message).toContain("the witness witness was not found");
    writeFileSync(join(directory, "empty"), "");
    expect(
      errorOf(() => expectNoResidue({ file: join(directory, "empty"), needle: absent })).code,
    ).toBe("ERR_FORENSICS_BLIND");
  });

  it("gives no verdict on a system that it cannot look into", () => {
    const platform = vi.spyOn(process, "platform", "get").mockReturnValue("darwin");
    try {
      expect(scanProcess(target.pid, [absent])).toEqual({
        outcome: "unsupported",
        reason: expect.stringContaining("darwin"),
      });
      const error = errorOf(() => expectNoResidue({ pid: target.pid, needle: absent }));
      expect(error.code).toBe("ERR_FORENSICS_UNSUPPORTED");
    } finally {
      platform.mockRestore();
    }
  });

  it("needs exactly one target", () => {
    const wrong = { needle: absent } as unknown as Parameters<typeof expectNoResidue>[0];
    expect(() => expectNoResidue(wrong)).toThrow(TypeError);
  });
});

describe("a process that cannot be scanned", () => {
  it("is the scanner itself", () => {
    expect(() => scanProcess(process.pid, [absent])).toThrow(TypeError);
    for (const pid of [0, -1, 1.5]) expect(() => scanProcess(pid, [absent])).toThrow(TypeError);
  });

  it("is none that is gone", () => {
    const { pid } = spawnSync("/bin/true");
    expect(errorOf(() => scanProcess(pid, [absent])).code).toBe("ERR_FORENSICS_GONE");
  });

  const noRoot = process.getuid?.() === 0 ? null : "needs root to become another user";
  it.skipIf(noRoot !== null)(
    `is one of another user, to the unprivileged${noRoot === null ? "" : ` (did not run: ${noRoot})`}`,
    () => {
      const program = `
        import { derivedNeedle, scanProcess } from ${JSON.stringify(new URL("./mod.ts", import.meta.url).href)};
        try { scanProcess(${target.pid}, [derivedNeedle(1, 32)]); }
        catch (error) { process.stdout.write(error.name + " " + error.code + " " + error.message); }`;
      const { stdout, stderr } = spawnSync(NODE, ["--input-type=module", "-e", program], {
        uid: 65534,
        gid: 65534,
        cwd: "/",
      });
      expect(`${stdout}${stderr}`).toMatch(
        /^ForensicsError ERR_FORENSICS_DENIED Cannot read the memory of process \d+: EACCES; .*CAP_SYS_PTRACE/,
      );
    },
  );
});

describe("pause", () => {
  it("stops the process for the scan alone", () => {
    expectNoResidue({ pid: target.pid, needle: absent, witness: planted, pause: true });
    expect(["S", "R"]).toContain(state(target.pid));
  });

  it.runIf(SOAK)(
    "leaves a stopped process stopped, and lets a running one go on when the scan fails",
    async () => {
      const { whilePaused } = await import("./pause.ts");
      let during = "";
      expect(() =>
        whilePaused(target.pid, () => {
          during = state(target.pid);
          throw new Error("scan failed");
        }),
      ).toThrow("scan failed");
      expect(during).toBe("T");
      expect(["S", "R"]).toContain(state(target.pid));
      // The threads of a process stop one after the other: what is tried is the moment in between.
      for (let round = 0; round < 200; round += 1) {
        process.kill(target.pid, "SIGSTOP");
        while (state(target.pid) !== "T");
        whilePaused(target.pid, () => undefined);
        expect(state(target.pid)).toBe("T");
        process.kill(target.pid, "SIGCONT");
      }
    },
  );
});
