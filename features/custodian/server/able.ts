import { LetheError, type Operation } from "../../../core/mod.ts";
import type { HandlerContext } from "./handler_context.ts";

/** @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when the custodian's engine cannot do that */
export function able({ engine }: HandlerContext, operation: Operation, verb: string): void {
  if (engine.operations.has(operation)) return;
  throw new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot ${verb} with secret: the custodian's engine, ${engine.name}, has no ${operation}`,
  );
}
