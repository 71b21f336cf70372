import process from "node:process";
import { HEAP_OFFER } from "../../core/mod.ts";
import { inheritedChannel, runCustodian } from "../custodian/program.ts";
import { posixOffers } from "../posix/mod.ts";
import { SODIUM_OFFER } from "../sodium/mod.ts";
import { nodeFfi } from "./ffi.ts";
import { hardenProcess } from "./hardening.ts";
import { promptSecret } from "./prompt.ts";
import { runtime } from "./runtime.ts";

// The strongest first: nobody minds here that Node's FFI is experimental.
const memories = [...posixOffers(nodeFfi), SODIUM_OFFER, HEAP_OFFER];

await runCustodian({
  runtime: { ...runtime, memories },
  title: `node ${process.versions.node}`,
  promptSecret,
  channel: inheritedChannel,
  hardenProcess,
});
