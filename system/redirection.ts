import { LetheError } from "../core/contract/errors.ts";

/**
 * Node's file functions take any path for a URL that has `href` and `protocol`, also where a bug
 * elsewhere in the program has put them on `Object.prototype`: they then open another file than they
 * were told. What depends on a path does not go on there.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE`
 */
export function refuseRedirection(): void {
  if ((PATH as { readonly href?: unknown }).href === undefined) return;
  throw new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    "Cannot open file: Object.prototype has a property href, which leads the file functions of Node.js to other paths; find what put it there",
  );
}
const PATH = Object("");
