import { bare, has, optional, parseJson } from "../../core/arguments/own.ts";
import { LetheError, type Runtime, type Secrets, secretsOpener } from "../../core/mod.ts";
import { type EntryHere, refuseMisplaced } from "../../system/misplaced.ts";
import { LentTerminal } from "../prompt/mod.ts";
import type { Terminals } from "../prompt/terminal.ts";
import { Calls } from "./client/calls.ts";
import { Client } from "./client/client.ts";
import type { Custodian } from "./client/custodian.ts";
import { type CheckedOptions, type CustodianOptions, checkOptions } from "./options.ts";
import { channelContextFor } from "./protocol/channel_context.ts";
import { channelError } from "./protocol/channel_error.ts";
import type { Fields } from "./protocol/fields.ts";
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
  const { openTerminals, leastInput = 0 }: Partial<ApplicationHost> = bare(host);
  return async function openCustodian(options) {
    const checked = checkOptions(options, leastInput);
    const terminal = new LentTerminal(() => openTerminals?.() ?? null);
    const { secureHeap, relockMilliseconds, closeMilliseconds } = checked;
    const started = await startProcess(host, checked, {
      fields: { secureHeap, relockMilliseconds },
      lost: () => terminal.restore(),
    });
    const { command, report, calls, child, secrets } = started;
    const whole = report as CustodianReport;
    return new Client(
      optional(command, "complete")?.call(command, whole) ?? whole,
      calls,
      child,
      secrets,
      terminal,
      closeMilliseconds,
    );
  };
}

/** What a process is opened for. */
export interface Purpose {
  /** Of the first request. */
  readonly fields: Fields;
  /** Variables of its environment, beside what it needs. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly sharesInput?: boolean;
  /** Told once, when its calls have failed. */
  lost?(): void;
}

/** A process that was started, hardened and opened. */
export interface StartedProcess {
  readonly command: CustodianCommand;
  readonly report: { readonly pid: number };
  readonly calls: Calls;
  readonly child: ChildHandle;
  readonly secrets: Secrets;
}

/** @throws as {@link OpenCustodian} */
export async function startProcess(
  { runtime, way, ...host }: ApplicationHost,
  checked: CheckedOptions,
  purpose: Purpose,
): Promise<StartedProcess> {
  const { entry, readVariable = () => undefined }: Partial<ApplicationHost> = bare(host);
  const { fields, environment, sharesInput = true, lost }: Purpose = bare(purpose);
  if (entry !== undefined) refuseMisplaced(entry, "Cannot start custodian");
  refuseChain(readVariable);
  const found = await commandOf(way, checked);
  const variables = { ...environment, ...optional(found, "environment") };
  const command: CustodianCommand = { ...found, environment: variables };
  const starting = new Starting(
    optional(command, "runtime") ?? command.file,
    checked,
    readVariable,
  );
  const child = await startChild(command, { ...checked, sharesInput, readVariable });
  try {
    // What this side needs is made while the other one starts.
    const context = channelContextFor(checked.secrets ?? secretsOpener(runtime)(), runtime);
    const calls = new Calls(context, child.channel, {
      closed: () => starting.closed(child, calls),
      lost(error) {
        lost?.();
        child.hold(true); // it ends now, and that should be heard
        if (isChannelError(error)) child.kill();
      },
    });
    starting.watch(child, calls);
    const report = await opened(calls, fields);
    if (report.pid !== child.pid) throw notStarted("another process answers for it");
    starting.over(child);
    return { command, report, calls, child, secrets: context.secrets };
  } catch (error) {
    await stop(child);
    throw starting.describe(error);
  }
}

async function commandOf(
  way: RuntimeWay | CustodianCommand,
  options: CheckedOptions,
): Promise<CustodianCommand> {
  if (has(way, "file")) return way;
  return way.command(await locate(way, options), options.secureHeapBytes);
}

function opened(calls: Calls, fields: Fields): Promise<StartedProcess["report"]> {
  return calls.ask(() => ({
    operation: "open",
    fields,
    secret: undefined,
    answer: ({ report = "" }) => reportIn(report),
  }));
}

function reportIn(json: string): StartedProcess["report"] {
  try {
    return parseJson(json) as StartedProcess["report"];
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
