import { fillRandom } from "../../../core/globals.ts";
import { LetheError } from "../../../core/mod.ts";
import { process } from "../../../system/node_builtins.ts";

/** The variable and the parameter by which a process knows that it was started as a custodian. */
export const MARK_VARIABLE = "LETHE_CUSTODIAN_OF";
const MARK_PARAMETER = "--lethe-custodian-of=";

/** What one start gives its process, and every process that this one starts inherits. */
export interface Mark {
  /** The parent's process id and a number of this start alone. */
  readonly value: string;
  readonly parameter: string;
}

/** A mark for one start. It tells nothing but which process began it. */
export function newMark(): Mark {
  const [random = 0] = fillRandom(new Uint32Array(new ArrayBuffer(4)));
  const value = `${process.pid}.${random}`;
  return { value, parameter: `${MARK_PARAMETER}${value}` };
}

/** The process id of the application, as that said it; NaN in a process without a mark. */
export function markedParent(parameters: readonly string[]): number {
  const mark = parameters.findLast((parameter) => parameter.startsWith(MARK_PARAMETER)) ?? "";
  return Number.parseInt(mark.slice(MARK_PARAMETER.length), 10);
}

/**
 * A program that starts itself as its custodian would start itself again there, without end. It stops
 * at the first of them.
 *
 * @throws {LetheError} `ERR_LETHE_CUSTODIAN` in a process that was started as a custodian
 */
export function refuseChain(readVariable: (name: string) => string | undefined): void {
  if (Number.isNaN(markedParent(process.argv)) && readVariable(MARK_VARIABLE) === undefined) return;
  throw new LetheError(
    "ERR_LETHE_CUSTODIAN",
    `Cannot start custodian: this process was started as a custodian itself, so ${process.execPath} is a program that starts itself; name a runtime with the option runtime, see docs/custodian.md`,
  );
}
