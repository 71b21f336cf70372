import { check, NotRun, same } from "../check.ts";
import type { ConformanceCase, Trial } from "../conformance_case.ts";
import type { Finding, MappingProtection } from "../forensics/report.ts";
import type { Misdeed } from "../target/requests.ts";
import { checkFenced, openedBy, show } from "./opened_pages.ts";
import { type HeldNeedle, Observer, places } from "./sightings.ts";

/** What the kernel's own tables say of the pages of a secret, and what touching them does. */
export const PAGES: readonly ConformanceCase[] = [
  {
    id: "M9",
    title: "at rest the pages of a secret are closed, and touching them kills the process",
    guarantee: "access-trap",
    needs: "target",
    async run(trial) {
      const target = await trial.target();
      const observer = await Observer.of(target);
      const held = await observer.hold("random");
      await seenAs(trial, observer, held, "no-access", "at rest");
      for (const scope of ["expose", "modify"] as const) {
        const { pages } = await openedBy(target, scope);
        trial.saw(
          `closed before and after ${scope}, open inside it: ${pages.map(show).join(", ")}`,
        );
        await seenAs(trial, observer, held, "no-access", `after ${scope}`);
      }
      await dies(trial, "touch at rest");
    },
  },
  {
    id: "G5",
    title:
      "while exposed the pages of a secret are read-only, and writing to them kills the process",
    guarantee: "write-trap",
    needs: "target",
    async run(trial) {
      const target = await trial.target();
      const observer = await Observer.of(target);
      const held = await observer.hold("random");
      if (isHidden(trial)) {
        const { pages } = await openedBy(target, "expose");
        for (const opened of pages) {
          check(opened.permissions.startsWith("r--"), `while exposed: ${show(opened)}`);
        }
      }
      await target.ask({ do: "enter", scope: "expose" });
      await seenAs(trial, observer, held, "read-only", "while exposed");
      await target.ask({ do: "leave" });
      await dies(trial, "write while exposed");
    },
  },
  {
    id: "G6",
    title: "a secret ends where its pages end, and what lies before and behind them is closed",
    guarantee: "guard-pages",
    needs: "target",
    async run(trial) {
      const target = await trial.target();
      const observer = await Observer.of(target);
      for (const byteLength of [32, 4097]) {
        const held = await observer.hold("modify", byteLength);
        const what = `a secret of ${byteLength} bytes`;
        if (isHidden(trial)) {
          const { pages, all } = await openedBy(target, "expose");
          for (const opened of pages) checkFenced(opened, all, what);
          trial.saw(`${what}: ${pages.map(show).join(", ")}, closed pages on either side`);
          continue;
        }
        await target.ask({ do: "enter", scope: "expose" });
        const [copy] = await copiesIn(observer, held);
        const all = await target.mappings();
        await target.ask({ do: "leave" });
        const end = copy.address + BigInt(byteLength);
        same(end, copy.mapping.end, `end of ${what}, and of its pages`);
        checkFenced(copy.mapping, all, what);
        trial.saw(`${what}: ${places([copy])}, closed pages on either side`);
      }
    },
  },
];

/** How a process ends that touches pages which it may not; Bun and Deno catch the first two. */
const DEATHS = ["SIGSEGV", "SIGBUS", "SIGILL", "SIGTRAP", "SIGABRT"];

async function dies(trial: Trial, misdeed: Misdeed): Promise<void> {
  const target = await trial.doomed();
  const { answer, signal } = await target.fate({ do: "commit", misdeed });
  check(answer === null, `${misdeed}: survived`);
  check(DEATHS.includes(signal ?? ""), `${misdeed}: ended by ${signal ?? "an exit"}`);
  trial.saw(`${misdeed}: ${signal}`);
}

async function seenAs(
  trial: Trial,
  observer: Observer,
  held: HeldNeedle,
  protection: MappingProtection,
  moment: string,
): Promise<void> {
  if (isHidden(trial)) return;
  const copies = await copiesIn(observer, held);
  for (const copy of copies) same(copy.protection, protection, `protection ${moment}`);
  trial.saw(`${moment}: ${places(copies)}`);
}

async function copiesIn(
  observer: Observer,
  { needle }: HeldNeedle,
): Promise<readonly [Finding, ...Finding[]]> {
  const [first, ...others] = (await observer.look(needle)).copiesOf(needle);
  if (first === undefined) throw new NotRun("the secret is not seen from outside");
  return [first, ...others];
}

/** Whether a look from outside finds nothing, because it must not. */
export function isHidden(trial: Trial): boolean {
  return trial.guarantees.hidden.level === "enforced";
}
