import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const bin = (path: string): string => at(`../../../node_modules/${path}`);
const TARGET = at("./enclave_target.ts");

/** How each runtime is started. */
export const RUNTIMES: Readonly<Record<string, readonly [string, ...string[]]>> = {
  "node-22": [bin("node-22/bin/node"), "--no-warnings"],
  "node-24": [bin("node-24/bin/node")],
  "node-26": [bin("node-26/bin/node"), "--no-warnings"],
  deno: [bin("deno/deno"), "run", "--no-prompt", "-A"],
  bun: [bin("bun/bin/bun.exe")],
};

/** A running enclave_target.ts. */
export class TargetProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #errors = "";

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.on("data", (text: Buffer) => {
      this.#errors += text;
    });
    const lines = createInterface({ input: child.stdout as NonNullable<typeof child.stdout> });
    this.#lines = lines[Symbol.asyncIterator]();
  }

  /** @param before a command that runs the one after it: setpriv and the like */
  static async start(
    runtime: string,
    memory: string,
    before: readonly string[] = [],
  ): Promise<TargetProcess> {
    const [program = "", ...rest] = [...before, ...(RUNTIMES[runtime] ?? []), TARGET, memory];
    const env = { ...process.env, HOME: "/tmp", DENO_NO_UPDATE_CHECK: "1" };
    const target = new TargetProcess(spawn(program, rest, { stdio: "pipe", env }));
    await target.answer();
    return target;
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  async run(...commands: readonly string[]): Promise<unknown> {
    let answer: unknown;
    for (const command of commands) {
      this.#child.stdin?.write(`${command}\n`);
      answer = await this.answer();
    }
    return answer;
  }

  async answer(): Promise<unknown> {
    const { done, value } = await this.#lines.next();
    if (done) throw new Error(`The target ended: ${this.#errors}`);
    return JSON.parse(value);
  }

  /** Ends it with a core file. */
  abort(): Promise<void> {
    return new Promise((resolve) => {
      this.#child.on("exit", () => resolve());
      this.#child.kill("SIGABRT");
    });
  }

  end(): void {
    this.#child.kill("SIGKILL");
  }
}
