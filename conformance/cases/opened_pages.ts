import { check } from "../check.ts";
import type { Mapping } from "../forensics/report.ts";
import type { Target } from "../target/target.ts";

/**
 * The pages that a scope of the secret that was held last opens: closed before it, open inside it,
 * closed after it. The kernel's tables show them also where nobody can read the bytes.
 *
 * @returns at least one, as they are inside the scope, and all mappings at that time
 */
export async function openedBy(
  target: Target,
  scope: "expose" | "modify",
): Promise<{ readonly pages: readonly Mapping[]; readonly all: readonly Mapping[] }> {
  const before = await target.mappings();
  await target.ask({ do: "enter", scope });
  const all = await target.mappings();
  await target.ask({ do: "leave" });
  const after = await target.mappings();
  const pages = all.filter(
    (mapping) =>
      !isClosed(mapping) && isClosed(around(before, mapping)) && isClosed(around(after, mapping)),
  );
  check(pages.length > 0, `${scope} opens no pages that are closed before and after it`);
  return { pages, all };
}

/** Whether no access is given, be it that nothing is mapped. */
export function isClosed(mapping: Mapping | undefined): boolean {
  return mapping === undefined || mapping.permissions.startsWith("---");
}

/** The mapping that `address` lies in. */
export function mappingAt(mappings: readonly Mapping[], address: bigint): Mapping | undefined {
  return mappings.find(({ start, end }) => start <= address && address < end);
}

/** What lies before and behind `pages` must be closed. */
export function checkFenced(pages: Mapping, all: readonly Mapping[], what: string): void {
  for (const [side, at] of [
    ["before", pages.start - 1n],
    ["behind", pages.end],
  ] as const) {
    const beside = mappingAt(all, at);
    check(isClosed(beside), `${side} ${what} lie open pages: ${beside && show(beside)}`);
  }
}

export function show({ start, end, permissions, name, flags }: Mapping): string {
  const range = `${start.toString(16)}-${end.toString(16)}`;
  return `${range} ${permissions} ${name || "anonymous"} [${flags.join(" ")}]`;
}

/** A mapping that is there and holds all of `pages`; what is not mapped was not closed but absent. */
function around(mappings: readonly Mapping[], pages: Mapping): Mapping {
  const found = mappingAt(mappings, pages.start);
  return found !== undefined && found.end >= pages.end ? found : pages;
}
