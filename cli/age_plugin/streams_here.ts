import { ffiStreams, NODE_STREAMS, type StandardStreams } from "../../features/programs/mod.ts";
import { ffiHere } from "../run/adapter_here.ts";

/** Standard input and output for secrets, on the runtime that this runs on. */
export async function streamsHere(): Promise<StandardStreams> {
  return "Deno" in globalThis || "Bun" in globalThis ? ffiStreams(await ffiHere()) : NODE_STREAMS;
}
