import process from "node:process";
import type * as Node from "../../../adapters/node/mod.ts";
import type * as Conformance from "../../../conformance/mod.ts";
import { atHand } from "../../built.ts";

const node: typeof Node = await import(atHand("adapters/node/mod.ts"));
const { findSubject, serveTarget }: typeof Conformance = await import(atHand("conformance/mod.ts"));

await serveTarget(findSubject(node, process.argv[2]));
