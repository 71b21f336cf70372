import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { isRunning } from "../../features/custodian/stage.ts";
import type { Pty } from "../../features/prompt/pty.ts";

/** A folder with a key, and what one test of `lethe run` starts in it. */
export class RunStage {
  readonly folder: string = mkdtempSync(join(tmpdir(), "lethe-run-test-"));
  pty: Pty | undefined;
  child: ChildProcess | undefined;
  /** Processes that would be left behind when the test fails. */
  readonly started: number[] = [];

  constructor() {
    writeFileSync(join(this.folder, "key"), "0123456789abcdef", { mode: 0o400 });
  }

  async end(): Promise<void> {
    await this.pty?.close();
    this.child?.kill("SIGKILL");
    for (const pid of this.started) if (isRunning(pid)) process.kill(pid, "SIGKILL");
    rmSync(this.folder, { recursive: true });
  }
}
