/** What the docstring of each public symbol says: what it is, its units, its errors, and an example. */
import type { PublicDoc } from "./public_docs.ts";

/** Types whose methods a program neither calls nor writes, each with the reason. */
const OF_THE_PLATFORM: Readonly<Record<string, string>> = {
  SignalLike: "every AbortSignal is one",
};

/** Words that give a number its unit: an amount of something, or what it identifies. */
const UNIT =
  /\b(?:bytes?|bits?|milliseconds?|seconds?|MiB|KiB|passes|iterations|rounds?|secrets|enclaves|scopes|regions|mappings|findings|names|descriptor|exit status|HTTP status|id of|index|address|pipe or file|how many|percent|copies)\b/i;

/** Names that say it themselves. */
const NAMES_UNIT = /(?:Bytes|byteLength|[mM]illiseconds|[iI]terations|[rR]ounds|[pP]asses|bits)$/;

/** Words of a sentence that says how a call fails, or that it does not. */
const ERRORS = /@throws|\bthrows?\b|\brejects?\b|\bfails with\b|\bdoes not compile\b/i;

/** What is missing, one line for each symbol and rule. */
export function faultsOf({ name, kind, text, ofType }: PublicDoc): readonly string[] {
  if (text === null || text.trim() === "") return [`${name}: has no docstring`];
  if (kind === "number") {
    return UNIT.test(text) || NAMES_UNIT.test(name)
      ? []
      : [`${name}: does not say the unit of the number`];
  }
  const isOfPlatform = OF_THE_PLATFORM[/ (\w+)\./.exec(name)?.[1] ?? ""] !== undefined;
  if (kind === "other" || isOfPlatform || text.startsWith("Does not compile")) return [];
  return [
    ...(hasExample(name, text, ofType) ? [] : [`${name}: has no example`]),
    ...(ERRORS.test(text) || ERRORS.test(ofType)
      ? []
      : [`${name}: does not say how it fails: @throws, or "it never throws"`]),
  ];
}

/** A method may be part of its type's example, where only Lethe, or the suite, calls it. */
function hasExample(name: string, text: string, ofType: string): boolean {
  if (text.includes("```ts")) return true;
  const method = /\w+$/.exec(name)?.[0];
  return new RegExp(`\\b${method}(?:\\?\\.)?[(:]`).test(/```ts[\s\S]*?```/.exec(ofType)?.[0] ?? "");
}
