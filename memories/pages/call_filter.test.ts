import { describe, expect, it } from "vitest";
import { CallFilter, type Fate, type FilteredSystem, type TriedCall } from "./call_filter.ts";

/** A system on which each child ends in the same way, with the calls that children tried. */
function system(filtered: boolean | null, fate: Fate): FilteredSystem & { tried: TriedCall[] } {
  const tried: TriedCall[] = [];
  return {
    filtered,
    tried,
    tryInChild(call) {
      tried.push(call);
      return fate;
    },
  };
}
const KILLED: Fate = { end: "killed" };
const UNKNOWN: Fate = { end: "unknown", reason: "clone was refused" };

describe("a call that a filter may kill for", () => {
  it("is not tried where no filter is active", () => {
    const plain = system(false, KILLED);
    expect(new CallFilter(plain).forbids("mlock")).toBeNull();
    expect(plain.tried).toEqual([]);
  });

  it.each([true, null])("is tried once by a child (filtered: %s)", (filtered) => {
    const careful = system(filtered, { end: "survived" });
    const filter = new CallFilter(careful);
    for (const call of ["mlock", "memfd_secret", "mlock", "mlock"] as const) {
      expect(filter.forbids(call)).toBeNull();
    }
    expect(careful.tried).toEqual(["mlock", "memfd_secret"]);
  });

  it("that killed the child is made for nobody", () => {
    const filter = new CallFilter(system(true, KILLED));
    filter.trust();
    expect(filter.forbids("memfd_secret")).toMatch(
      /kills the process for memfd_secret, as it did a child that tried it; .*SystemCallFilter/,
    );
  });

  it("whose child's end is unknown is made for who asked by name", () => {
    const filter = new CallFilter(system(true, UNKNOWN));
    expect(filter.forbids("mlock")).toMatch(
      /could not be tried: clone was refused; .*ask for the memory by name$/,
    );
    filter.trust();
    expect(filter.forbids("mlock")).toBeNull();
  });
});
