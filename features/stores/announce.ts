import { inBackground } from "../../core/in_background.ts";
import type { LetheError } from "../../core/mod.ts";

/**
 * Tells a watcher. What it throws is logged: the next change is announced all the same, and neither a write nor the process
 * fails by it.
 */
export function announce(onChange: (ended?: LetheError) => void, ended?: LetheError): void {
  inBackground(
    () => (ended === undefined ? onChange() : onChange(ended)),
    () => "A listener to the changes of a store threw",
  );
}
