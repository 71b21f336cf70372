import { closeSync, existsSync, openSync } from "node:fs";
import process from "node:process";
import { readProcText } from "./files.ts";
import { ForensicsError } from "./forensics_error.ts";
import type { Needle } from "./needle.ts";
import { whilePaused } from "./pause.ts";
import { attempt, processStatus } from "./process_status.ts";
import { explainRefusal, readMappings } from "./read_mappings.ts";
import type { ScanReport, ScanResult } from "./report.ts";
import { type Inquiry, inquire, own, type ScanOptions } from "./scan_options.ts";
import { type ProcessMapping, parseSmaps } from "./smaps.ts";

/** Options of {@link scanProcess}. */
export interface ScanProcessOptions extends ScanOptions {
  /** Stops the process during the scan (SIGSTOP, SIGCONT), so that nothing moves. By default it runs on. */
  readonly pause?: boolean;
  /** Reads also pages that are unchanged from a file on disk. By default they are skipped and counted. */
  readonly includeFileBacked?: boolean;
}

/**
 * Looks through the memory of another process for every encoding of `needles`.
 *
 * Everything that the process has in RAM or in swap is read, whatever its protection; what was
 * skipped or could not be read is in the report. Linux only; elsewhere the answer is `unsupported`.
 *
 * It does not see: registers (a core file has them), memory of the kernel on behalf of the process
 * (pipe and socket buffers, the terminal's), pages of files that are not mapped, other processes. In
 * a process that runs on, a secret that is copied from memory not yet read to memory already read
 * can be missed: `pause`, or have the target block.
 *
 * It returns when all is read, and the event loop does not turn until then.
 *
 * What this process holds of the secrets: while the scan runs, the needles where the caller has them,
 * an index from which they can be computed (no encoding of them lies there), and the piece of the
 * target that is being searched, with whatever copies are in it. When it has returned or thrown, the
 * needles where the caller has them, and nothing else. See docs/scanning.md.
 *
 * @throws {ForensicsError} `ERR_FORENSICS_GONE`, `ERR_FORENSICS_DENIED`, `ERR_FORENSICS_PAUSE`
 * @throws {TypeError} for this process itself: it holds the needles
 *
 * @example
 * ```ts
 * import { spawn } from "node:child_process";
 * import { derivedNeedle, scanProcess } from "lethe/conformance";
 *
 * const child = spawn("sleep", ["60"]);
 * const result = scanProcess(child.pid ?? 0, [derivedNeedle(42, 32)]);
 * console.log(result.outcome === "scanned" ? result.findings.length : result.reason); // 0
 * child.kill();
 * ```
 */
export function scanProcess(
  pid: number,
  needles: readonly Needle[],
  options: ScanProcessOptions = {},
): ScanResult {
  if (!Number.isInteger(pid) || pid < 1) {
    throw new TypeError(
      `Cannot scan process as pid must be a positive integer: current value is ${pid}`,
    );
  }
  const { pause = false, includeFileBacked = false }: ScanProcessOptions = own(options);
  return inquire(needles, options, (inquiry) => {
    if (process.platform !== "linux") {
      return {
        outcome: "unsupported",
        reason: `no way to read another process on ${process.platform} yet`,
      };
    }
    if (!existsSync("/proc/self")) {
      return { outcome: "unsupported", reason: "there is no /proc to read another process by" };
    }
    if (pid === process.pid || existsSync(`/proc/self/task/${pid}`)) {
      throw new TypeError(
        `Cannot scan process ${pid} as it is the scanner itself, which holds the needles`,
      );
    }
    const scan = (): ScanReport => scanLinux(pid, inquiry, includeFileBacked);
    return pause ? whilePaused(pid, scan) : scan();
  });
}

function scanLinux(pid: number, inquiry: Inquiry, includeFileBacked: boolean): ScanReport {
  const { startTime } = processStatus(pid);
  const memory = attempt(pid, "read the memory of", () => openSync(`/proc/${pid}/mem`, "r"));
  try {
    const pagemap = attempt(pid, "read the page map of", () =>
      openSync(`/proc/${pid}/pagemap`, "r"),
    );
    try {
      const before = listMappings(pid);
      const seen = readMappings({ memory, pagemap }, before, inquiry.sweep, includeFileBacked);
      const outcome = inquiry.finish(before.map(({ mapping }) => mapping));
      const after = seen.unreadable.some(({ reason }) => reason === "refused")
        ? listMappings(pid)
        : before;
      if (processStatus(pid).startTime !== startTime) {
        throw new ForensicsError(
          "ERR_FORENSICS_GONE",
          `Cannot scan process ${pid}: it ended during the scan`,
        );
      }
      return {
        ...outcome,
        source: "process",
        pid,
        path: null,
        mappingsScanned: seen.scanned,
        skipped: seen.skipped,
        unreadable: seen.unreadable.map((item) => explainRefusal(item, after)),
      };
    } finally {
      closeSync(pagemap);
    }
  } finally {
    closeSync(memory);
  }
}

function listMappings(pid: number): ProcessMapping[] {
  const mappings = parseSmaps(
    attempt(pid, "list the mappings of", () => readProcText(`/proc/${pid}/smaps`)),
  );
  if (mappings.length === 0) {
    throw new ForensicsError(
      "ERR_FORENSICS_GONE",
      `Cannot scan process ${pid}: it has no memory (it has ended, or is a thread of the kernel)`,
    );
  }
  return mappings;
}
