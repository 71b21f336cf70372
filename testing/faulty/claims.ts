import { type GuaranteeName, type Guarantees, guarantees, verified } from "../../core/mod.ts";
import { HeapMemory } from "../../memories/heap/mod.ts";
import { type FaultySubject, withRegions } from "./faulty_subject.ts";

/** Memories that are sound, and say more of themselves than is true. */
export const CLAIMS: readonly FaultySubject[] = [
  overclaims("access-trap", "M9", "pages are never closed: the call that does it was forgotten"),
  overclaims("write-trap", "G5", "pages that are only exposed can be written"),
  overclaims("guard-pages", "G6", "what lies beside a secret is open memory of others"),
  overclaims("locked", "G7", "`mlock` failed, and its result was not read"),
  overclaims(
    "no-dump",
    "G8",
    "MADV_DONTDUMP was OR-ed with other advice, and one alone took effect",
  ),
  overclaims("no-fork", "G9", "MADV_DONTFORK was never asked for"),
  overclaims("hidden", "G10", "memfd_secret was not to be had, and ordinary pages took its place"),
  overclaims("isolated", "G13", "a custodian was meant to hold the secrets, and does not yet"),
  overclaims("wiped-on-exit", "G12", "a handler wipes it at exit, which a signal never reaches"),
  {
    name: "boasting region",
    breaks: "M4",
    fault: "a region claims guard pages, of which its memory knows nothing",
    memory: () => withRegions(() => ({ guarantees: claiming("guard-pages") })),
  },
  {
    name: "torn table",
    breaks: "G3",
    fault: "the table is written by hand, a row is missing and one has no evidence",
    memory() {
      const { hidden, ...rest } = new HeapMemory().guarantees;
      const table = { ...rest, canary: { ...hidden, evidence: "" } } as unknown as Guarantees;
      return withRegions(() => ({ guarantees: table }), { guarantees: table });
    },
  },
];

function overclaims(name: GuaranteeName, breaks: string, fault: string): FaultySubject {
  const table = claiming(name);
  return {
    name: `claims ${name}`,
    breaks,
    fault,
    memory: () => withRegions(() => ({ guarantees: table }), { guarantees: table }),
  };
}

function claiming(name: GuaranteeName): Guarantees {
  return guarantees({ ...new HeapMemory().guarantees, [name]: verified("the call succeeded") });
}
