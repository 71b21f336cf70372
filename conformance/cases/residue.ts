import { check, NotRun, same } from "../check.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { observeLives } from "./life.ts";
import { isHidden } from "./raw_touch.ts";
import { Observer, places } from "./sightings.ts";

/** Where copies of a secret lie in the process, seen from another one. */
export const RESIDUE: readonly ConformanceCase[] = [
  {
    id: "F1",
    title: "straight after its end no copy of a secret is left, in any encoding",
    needs: "target",
    rests: ["M7"],
    async run(trial) {
      const target = await trial.target();
      // One life first: what fails here need not fail in seventeen ways.
      const first = await Observer.of(target);
      const { needle } = await first.hold("modify");
      await target.ask({ do: "end", how: "destroy" });
      const left = (await first.look(needle)).copiesOf(needle);
      check(left.length === 0, `after destroy: ${places(left)}`);
      const { all, scope } = await observeLives(target);
      for (const { operation, how, ended } of all) {
        check(ended.length === 0, `after ${operation} and ${how}: ${places(ended)}`);
      }
      trial.saw(`${all.map(({ operation }) => operation).join(", ")}: residue 0 in ${scope}`);
      const needles = all.map(({ needle }) => needle);
      const observer = await Observer.of(target);
      for (const how of ["purge", "dispose"] as const) {
        for (const made of ["move", "random"] as const) {
          needles.push((await observer.hold(made, 100)).needle);
        }
        await target.ask({ do: "end", how });
        const seen = await observer.look(...needles);
        const copies = seen.copiesOf(...needles);
        check(copies.length === 0, `after ${how}: ${places(copies)}`);
        trial.saw(`${how}: residue 0 in ${seen.scope}`);
      }
    },
  },
  {
    id: "F2",
    title: "a live secret lies in exactly one place, whatever was done with it",
    needs: "target",
    async run(trial) {
      const target = await trial.target();
      const hidden = isHidden(trial);
      const first = await Observer.of(target);
      const { needle } = await first.hold("modify");
      const copies = (await first.look(needle)).copiesOf(needle);
      if (!hidden) same(copies.length, 1, `copies of a live secret (${places(copies)})`);
      await target.ask({ do: "end", how: "destroy" });
      const { all, scope } = await observeLives(target);
      for (const { operation, secrets, born, later } of all) {
        // clone, slice, encode and equals hold it in two secrets, each of which is one place.
        for (const [moment, copies] of [
          ["at rest", born],
          ["later", later],
        ] as const) {
          if (hidden && copies.length === 0) continue;
          same(copies.length, secrets, `copies after ${operation}, ${moment} (${places(copies)})`);
        }
      }
      trial.saw(`${all.length} operations: one copy for each secret in ${scope}`);
    },
  },
  {
    id: "F3",
    title: "a secret does not move: not through scopes, not through collections",
    guarantee: "off-heap",
    needs: "target",
    rests: ["F2"],
    async run(trial) {
      const target = await trial.target();
      if (!target.hello.collects) throw new NotRun("no collection can be forced: --expose-gc");
      const { all } = await observeLives(target);
      if (all.every(({ born }) => born.length === 0)) throw new NotRun("the memory is hidden");
      for (const { operation, born, later } of all) {
        same(addresses(later), addresses(born), `place of a secret after ${operation}`);
      }
      trial.saw("the same addresses before and after two minor and two major collections");
    },
  },
  {
    id: "F4",
    title: "a secret that was dropped is wiped when it is collected",
    guarantee: "wiped-when-collected",
    needs: "target",
    rests: ["M7", "F1"],
    async run(trial) {
      const target = await trial.target();
      if (!target.hello.collects) throw new NotRun("no collection can be forced: --expose-gc");
      const observer = await Observer.of(target);
      const held = [await observer.hold("move"), await observer.hold("clone")];
      const { dropped, collected } = await target.ask({ do: "drop", milliseconds: 3_000 });
      if (collected === 0) throw new NotRun("the collector took none of them within 3 s");
      const needles = held.map(({ needle }) => needle);
      const copies = (await observer.look(...needles)).copiesOf(...needles);
      const left = dropped - collected;
      check(copies.length <= left, `${collected} of ${dropped} collected, left: ${places(copies)}`);
      trial.saw(`${collected} of ${dropped} collected, residue ${copies.length}`);
    },
  },
];

function addresses(copies: readonly { readonly address: bigint }[]): string {
  return copies
    .map(({ address }) => address.toString(16))
    .sort()
    .join(", ");
}
