import { kindOf } from "../../core/bytes.ts";
import { LetheError, type Runtime, type Secrets, secretsOpener } from "../../core/mod.ts";
import { LentTerminal, type Remember } from "../terminal/mod.ts";
import { Calls, ended } from "./client/calls.ts";
import { type ChildHandle, type CustodianCommand, startChild } from "./client/child.ts";
import { Client } from "./client/client.ts";
import type { Custodian } from "./client/custodian.ts";
import { engineOf } from "./protocol/tools.ts";
import type { CustodianReport } from "./report.ts";

/** How to open a {@link Custodian}. */
export interface CustodianOptions {
  /** Where secrets land that leave the custodian. Default: the strongest memory of this runtime. */
  readonly secrets?: Secrets;
  /**
   * `"require"`: without a key in OpenSSL's secure heap there is no custodian, but an error.
   * `"prefer"` (the default): there is one, and its report says that the key is in guarded memory.
   */
  readonly secureHeap?: "require" | "prefer";
  /** Size of the secure heap: a power of two from 0 (none) to 2^30. Default: 32,768. Node only. */
  readonly secureHeapBytes?: number;
  /**
   * How long the key of the vault stays derived, in closed guarded memory, after its last use: 0 (it is
   * derived anew in each turn of the custodian's event loop) to 86,400,000. Default: 1000.
   */
  readonly relockMilliseconds?: number;
  /** A pipe or file, open here, that prompts may read (`from: "input"`). On Deno not 3 or 4. */
  readonly input?: number;
  /** How long `close()` waits before it kills, 1 to 2^31 - 1. Default: 5000. */
  readonly closeMilliseconds?: number;
  /** How long the start may take, 1 to 2^31 - 1. Default: 30,000. */
  readonly startMilliseconds?: number;
}

/**
 * Starts a custodian: a child process, hardened as far as it goes, that holds secrets for this one.
 *
 * @throws {LetheError} `ERR_LETHE_CUSTODIAN` when it does not start, `ERR_LETHE_SECURE_HEAP`,
 * `ERR_LETHE_UNAVAILABLE` without an engine for the channel
 */
export type OpenCustodian = (options?: CustodianOptions) => Promise<Custodian>;

/** What a runtime gives for that. */
export interface ApplicationHost {
  readonly runtime: Runtime;
  command(secureHeapBytes: number): CustodianCommand;
  /** Notes how the terminal is set, so that it is restored after a custodian was killed at its prompt. */
  readonly remember?: Remember;
  /** The lowest number that `input` may have. Default: 0. */
  readonly leastInput?: number;
}

/** The `openCustodian` of a runtime. */
export function custodianOpener({
  runtime,
  command,
  remember = () => null,
  leastInput = 0,
}: ApplicationHost): OpenCustodian {
  const openSecrets = secretsOpener(runtime);
  return async function openCustodian(options = {}) {
    const checked = checkOptions(options, leastInput);
    const terminal = new LentTerminal(remember);
    const child = startChild(command(checked.secureHeapBytes), checked.input);
    try {
      // What this side needs is made while the other one starts.
      const engine = engineOf(runtime);
      const secrets = checked.secrets ?? openSecrets();
      const calls = new Calls({ engine, secrets }, child.channel, (error) => {
        terminal.restore();
        child.hold(true); // it ends now, and that should be heard
        if (error instanceof LetheError && error.code === "ERR_LETHE_CHANNEL") child.kill();
      });
      child.ended.then(({ code, signal }) => calls.fail(ended(`it ended (${signal ?? code})`)));
      const report = await opened(calls, checked);
      if (report.pid !== child.pid) throw ended("another process answers for it");
      child.hold(false);
      return new Client(report, calls, child, secrets, terminal, checked.closeMilliseconds);
    } catch (error) {
      await stop(child);
      throw error;
    }
  };
}

async function opened(calls: Calls, options: Checked): Promise<CustodianReport> {
  const { secureHeap, relockMilliseconds, startMilliseconds } = options;
  const timer = setTimeout(
    () => calls.fail(ended(`it did not start within ${startMilliseconds} ms`)),
    startMilliseconds,
  );
  try {
    return await calls.ask(() => ({
      operation: "open",
      fields: { secureHeap, relockMilliseconds },
      answer: ({ report = "null" }) => JSON.parse(report) as CustodianReport,
    }));
  } finally {
    clearTimeout(timer);
  }
}

async function stop(child: ChildHandle): Promise<void> {
  child.hold(true);
  child.kill();
  await child.ended;
}

type Checked = Required<Omit<CustodianOptions, "secrets" | "input">> &
  Pick<CustodianOptions, "secrets" | "input">;

const DEFAULTS = {
  secureHeap: "prefer",
  secureHeapBytes: 32_768,
  relockMilliseconds: 1000,
  closeMilliseconds: 5000,
  startMilliseconds: 30_000,
} as const;

const KEYS: readonly string[] = [...Object.keys(DEFAULTS), "secrets", "input"];

/** @throws {TypeError | RangeError} naming the option that is wrong */
function checkOptions(options: CustodianOptions, leastInput: number): Checked {
  const cannot = "Cannot open custodian as";
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`${cannot} options must be an object: current value is ${kindOf(options)}`);
  }
  const own: CustodianOptions = Object.assign(Object.create(null), options);
  const unknown = Object.keys(own).filter((key) => !KEYS.includes(key));
  if (unknown.length > 0) {
    throw new TypeError(
      `${cannot} there is no option ${unknown.join(", ")}: there are ${KEYS.join(", ")}`,
    );
  }
  const checked: Checked = { ...DEFAULTS, ...own };
  if (checked.secureHeap !== "require" && checked.secureHeap !== "prefer") {
    throw new TypeError(`${cannot} secureHeap must be "require" or "prefer"`);
  }
  const number = (name: keyof CustodianOptions, least: number, most: number): void => {
    const value = checked[name];
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) {
      return;
    }
    throw new RangeError(`${cannot} ${name} must be an integer from ${least} to ${most}`);
  };
  number("secureHeapBytes", 0, 2 ** 30);
  if (checked.secureHeapBytes > 0 && !Number.isInteger(Math.log2(checked.secureHeapBytes))) {
    throw new RangeError(`${cannot} secureHeapBytes must be a power of two, or 0`);
  }
  number("relockMilliseconds", 0, 86_400_000);
  number("closeMilliseconds", 1, 2 ** 31 - 1);
  number("startMilliseconds", 1, 2 ** 31 - 1);
  if (checked.input !== undefined) number("input", leastInput, 2 ** 31 - 1);
  return checked;
}
