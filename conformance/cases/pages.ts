import { check, NotRun, same } from "../check.ts";
import type { ConformanceCase, Trial } from "../conformance_case.ts";
import type { Finding, MappingProtection } from "../forensics/report.ts";
import type { TargetMisdeed } from "../target/requests.ts";
import { checkFenced, openedBy, show } from "./opened_pages.ts";
import { checkDeath, diesOf, exposed, isHidden, tracerOf } from "./raw_touch.ts";
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
      if (target.tracer === undefined) return dies(trial, "touch at rest");
      const doomed = await exposed(trial);
      await diesOf(trial, doomed, "load", doomed.address, "reading an address at rest");
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
    title:
      "a secret ends where its closed-in pages end, and touching one byte past it kills the process",
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
      tracerOf(target);
      const doomed = await exposed(trial);
      const last = doomed.address + BigInt(doomed.held.needle.bytes.length - 1);
      await doomed.target.ask({ do: "enter", scope: "modify" });
      same(await doomed.tracer.touch("store", last), "survived", "a write to the last byte");
      await doomed.target.ask({ do: "leave" });
      // Also where nobody can look: it was the last byte of the secret, and not one of a gap.
      const now = await doomed.observer.read(doomed.held);
      const before = doomed.held.needle.bytes;
      const flipped = (before.at(-1) ?? 0) ^ 1;
      same(now.at(-1) === flipped, true, "that the last byte before closed pages is the secret's");
      await doomed.target.ask({ do: "enter", scope: "modify" });
      await diesOf(trial, doomed, "store", last + 1n, "writing one byte past the end");
    },
  },
  {
    id: "G14",
    title: "an address that was kept leads nowhere after destroy: touching it kills the process",
    guarantee: "access-trap",
    needs: "target",
    rests: ["M9"],
    async run(trial) {
      const doomed = await exposed(trial);
      await doomed.target.ask({ do: "end", how: "destroy" });
      await diesOf(trial, doomed, "load", doomed.address, "reading an address after destroy");
    },
  },
];

async function dies(trial: Trial, misdeed: TargetMisdeed): Promise<void> {
  const target = await trial.doomed();
  const fate = await target.fate({ do: "commit", misdeed });
  check(fate.answer === null, `${misdeed}: survived`);
  checkDeath(trial, fate, misdeed);
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
