import { fs } from "../../system/node_builtins.ts";

/** Standard input, and the descriptor that the option `input` becomes. */
const INPUTS = [0, 4] as const;

/**
 * The inputs that were handed to this custodian as files that are open for writing. The permissions of a runtime guard what is
 * opened, and not what is open already.
 *
 * @param mayWrite whether an open descriptor takes a write of no bytes, which changes nothing
 * @returns what to say of them: null where there is none
 */
export function writableInputs(mayWrite: (descriptor: number) => boolean): string | null {
  const found = INPUTS.filter((descriptor) => isFile(descriptor) && mayWrite(descriptor));
  if (found.length === 0) return null;
  const names = found.map((descriptor) => (descriptor === 0 ? "standard input" : "the input"));
  return `${names.join(" and ")} ${found.length === 1 ? "is a file" : "are files"} open for writing`;
}

function isFile(descriptor: number): boolean {
  try {
    const stats = fs.fstatSync(descriptor);
    return stats.isFile() || stats.isBlockDevice();
  } catch {
    return false; // it is closed
  }
}
