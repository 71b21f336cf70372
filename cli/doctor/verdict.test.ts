import { describe, expect, it } from "vitest";
import type { Finding, Mapping, UnreadableReason } from "../../conformance/mod.ts";
import {
  type GuaranteeName,
  type Guarantees,
  guarantees,
  notGiven,
  unverified,
  verified,
} from "../../core/mod.ts";
import { judge, type Observation, type ProbeScan, type Verdict } from "./verdict.ts";

const CLOSED: Mapping = {
  start: 0x7f00n,
  end: 0x8f00n,
  permissions: "---p",
  name: "",
  flags: ["mr", "lo", "dd"],
};

const ORDINARY: Mapping = { ...CLOSED, permissions: "rw-p", flags: [] };

function found(mapping: Mapping): Finding {
  return {
    needle: "it",
    encoding: "raw",
    address: mapping.start,
    coveredBytes: 32,
    complete: true,
    mapping,
    protection: "no-access",
  };
}

/** A scan that sees the control, and the secret in these mappings. */
function sight(...mappings: readonly Mapping[]): ProbeScan {
  return {
    secret: mappings.map(found),
    control: [found(ORDINARY)],
    report: {
      outcome: "scanned",
      source: "process",
      pid: 1,
      path: null,
      encodings: 41,
      findings: [],
      truncated: false,
      bytesScanned: 5e7,
      mappingsScanned: 1,
      skipped: [],
      unreadable: [],
      durationMs: 1,
    },
  };
}

/** The same, with a mapping that could not be read. */
function blind(seen: ProbeScan, reason: UnreadableReason): ProbeScan {
  const unreadable = [{ mapping: CLOSED, reason, byteLength: 4096 }];
  return { ...seen, report: { ...seen.report, unreadable } };
}

const HEALTHY: Observation = {
  live: sight(CLOSED),
  after: sight(),
  touched: "SIGSEGV",
  underrun: "ERR_LETHE_CANARY",
};

function verdict(
  name: GuaranteeName,
  claims: Partial<Guarantees>,
  seen: Observation | null,
): Verdict {
  const found = judge(guarantees(claims), seen).find((judgement) => judgement.name === name);
  return found?.verdict ?? "none";
}

/** What each claim needs, and an observation that belies it. */
const LIES: readonly (readonly [GuaranteeName, Partial<Observation>])[] = [
  ["wiped-on-destroy", { after: sight(CLOSED) }],
  ["off-heap", { live: sight(CLOSED, CLOSED) }],
  ["access-trap", { touched: null }],
  ["access-trap", { touched: "0" }],
  ["canary", { underrun: "unnoticed" }],
  ["locked", { live: sight({ ...CLOSED, flags: ["dd"] }) }],
  ["locked", { live: sight() }],
  ["no-dump", { live: sight({ ...CLOSED, flags: ["lo"] }) }],
  ["no-fork", {}],
  ["wiped-on-destroy", { after: { ...sight(), control: [] } }],
  ["hidden", { live: sight() }],
  ["hidden", { live: blind(sight(CLOSED), "secret-memory") }],
  ["hidden", { live: { ...blind(sight(), "secret-memory"), control: [] } }],
];

describe("judge", () => {
  it.each(LIES)("refutes %s when what was seen says otherwise: %o", (name, seen) => {
    const claims = { [name]: verified("the memory says so") };
    expect(verdict(name, claims, { ...HEALTHY, ...seen })).toBe("refuted");
  });

  it.each(["wiped-on-destroy", "off-heap", "access-trap", "canary", "locked", "no-dump"] as const)(
    "proves %s by what was seen, whatever the claim's own evidence",
    (name) => {
      const claims = { [name]: unverified("enforced", "nobody looked") };
      expect(verdict(name, claims, HEALTHY)).toBe("proven");
    },
  );

  it("takes a claim that nothing can show for a claim", () => {
    const claims = { isolated: unverified("enforced", "trust me") };
    expect(verdict("isolated", claims, HEALTHY)).toBe("claimed");
  });

  it("proves hidden by a scan that sees the control and not the secret", () => {
    const claims = {
      hidden: unverified("enforced", "memfd_secret"),
      locked: verified("smaps: VmFlags lo"),
    };
    const seen = { ...HEALTHY, live: blind(sight(), "secret-memory") };
    expect(verdict("hidden", claims, seen)).toBe("proven");
    // What cannot be seen from outside stays what the process read of itself.
    expect(verdict("locked", claims, seen)).toBe("proven");
    expect(verdict("locked", { locked: unverified("enforced", "") }, seen)).toBe("claimed");
  });

  it("lets no observation lift what is not given", () => {
    expect(verdict("locked", { locked: notGiven("not here") }, HEALTHY)).toBe("none");
  });

  it("does not call a best effort refuted when it failed, but not given", () => {
    const claims = { locked: unverified("best-effort", "tried") };
    const seen = { ...HEALTHY, live: sight({ ...CLOSED, flags: [] }) };
    expect(verdict("locked", claims, seen)).toBe("none");
  });

  it("proves nothing from outside where no other process can be scanned", () => {
    const claims = { "wiped-on-destroy": unverified("enforced", "overwritten") };
    expect(verdict("wiped-on-destroy", claims, null)).toBe("claimed");
  });
});
