import { bare, has, optional, parseJson } from "../../core/arguments/own.ts";
import { LetheError, type Runtime, secretsOpener } from "../../core/mod.ts";
import { type EntryHere, refuseMisplaced } from "../../system/misplaced.ts";
import { LentTerminal } from "../prompt/mod.ts";
import type { Terminals } from "../prompt/terminal.ts";
import { Calls } from "./client/calls.ts";
import { Client } from "./client/client.ts";
import type { Custodian } from "./client/custodian.ts";
import { type CheckedOptions, type CustodianOptions, checkOptions } from "./options.ts";
import { channelContextFor } from "./protocol/channel_context.ts";
import { channelError } from "./protocol/channel_error.ts";
import type { CustodianReport } from "./report.ts";
import type { CustodianCommand } from "./start/command.ts";
import { locate } from "./start/locate.ts";
import { refuseChain } from "./start/mark.ts";
import type { RuntimeWay } from "./start/runtime_way.ts";
import { type ChildHandle, startChild } from "./start/start_child.ts";
import { notStarted } from "./start/start_error.ts";
import { Starting } from "./start/starting.ts";

/**
 * Starts a custodian: a child process, hardened as far as it goes, that holds secrets for this one.
 *
 * @throws {LetheError} `ERR_LETHE_CUSTODIAN` when it does not start, with what happened to its process;
 * `ERR_LETHE_SECURE_HEAP`; `ERR_LETHE_UNAVAILABLE` without an engine for the channel
 */
export type OpenCustodian = (options?: CustodianOptions) => Promise<Custodian>;

/** What a runtime gives for that. */
export interface ApplicationHost {
  readonly runtime: Runtime;
  /** Where it is the runtime of another entry, no custodian is started. */
  readonly entry?: EntryHere;
  /** How the runtime is found and started; or a command line that starts a custodian. */
  readonly way: RuntimeWay | CustodianCommand;
  /** A variable of this process. Default: none is read. */
  readVariable?(name: string): string | undefined;
  /** The terminals of this process, which a custodian shares. Default: none. */
  openTerminals?(): Terminals;
  /** The lowest number that `input` may have. Default: 0. */
  readonly leastInput?: number;
}

/** The `openCustodian` of a runtime. */
export function custodianOpener(host: ApplicationHost): OpenCustodian {
  const { runtime, way } = host;
  const {
    entry,
    readVariable = () => undefined,
    openTerminals,
    leastInput = 0,
  }: Partial<ApplicationHost> = bare(host);
  const openSecrets = secretsOpener(runtime);
  return async function openCustodian(options) {
    const checked = checkOptions(options, leastInput);
    if (entry !== undefined) refuseMisplaced(entry, "Cannot start custodian");
    refuseChain(readVariable);
    const command = await commandOf(way, checked);
    const starting = new Starting(
      optional(command, "runtime") ?? command.file,
      checked,
      readVariable,
    );
    const child = await startChild(command, { ...checked, readVariable });
    try {
      // What this side needs is made while the other one starts.
      const context = channelContextFor(checked.secrets ?? openSecrets(), runtime);
      const terminal = new LentTerminal(() => openTerminals?.() ?? null);
      const calls = new Calls(context, child.channel, {
        closed: () => starting.closed(child, calls),
        lost(error) {
          terminal.restore();
          child.hold(true); // it ends now, and that should be heard
          if (isChannelError(error)) child.kill();
        },
      });
      starting.watch(child, calls);
      const report = await opened(calls, checked);
      if (report.pid !== child.pid) throw notStarted("another process answers for it");
      starting.over(child);
      return new Client(
        optional(command, "complete")?.call(command, report) ?? report,
        calls,
        child,
        context.secrets,
        terminal,
        checked.closeMilliseconds,
      );
    } catch (error) {
      await stop(child);
      throw starting.describe(error);
    }
  };
}

async function commandOf(
  way: RuntimeWay | CustodianCommand,
  options: CheckedOptions,
): Promise<CustodianCommand> {
  if (has(way, "file")) return way;
  return way.command(await locate(way, options), options.secureHeapBytes);
}

function opened(calls: Calls, options: CheckedOptions): Promise<CustodianReport> {
  const { secureHeap, relockMilliseconds } = options;
  return calls.ask(() => ({
    operation: "open",
    fields: { secureHeap, relockMilliseconds },
    secret: undefined,
    answer: ({ report = "" }) => reportIn(report),
  }));
}

function reportIn(json: string): CustodianReport {
  try {
    return parseJson(json) as CustodianReport;
  } catch {
    throw channelError("its report cannot be read");
  }
}

async function stop(child: ChildHandle): Promise<void> {
  child.hold(true);
  child.killAll();
  await child.ended;
}

function isChannelError(error: unknown): boolean {
  return error instanceof LetheError && error.code === "ERR_LETHE_CHANNEL";
}
