import { FEATURES } from "./feature_rules.ts";

/**
 * The tests that hold the numbered rules: each fails when its rule is broken. A test needs no line here that
 * names its rule in its title (`METER-3: the system is read seldom`), or that takes faulty subjects from a file
 * below `testing/` which names the rule that each breaks (`"LENDER-3"`).
 *
 * Rules of features are in feature_rules.ts. A probe is a file of tests, a colon, and a part of a title in it that stands there word for word.
 */

/** A rule that no test can hold, and why. */
export const WITHOUT_TEST: Readonly<Record<string, string>> = {
  "PARSE-2":
    "what a compiler makes of code without branches is not visible from a test; read the code",
  "ECDSA-1": "as PARSE-2",
  "MONTGOMERY-2": "as PARSE-2",
  "FIELD-1": "as PARSE-2",
  "SLOT-3": "a figure: `bench/enclave` measures it",
};

export const RULES: Readonly<Record<string, readonly string[]>> = {
  "OPTION-1": ["core/arguments/options.test.ts: gives own properties, without a prototype"],
  "OPTION-2": ["core/arguments/options.test.ts: asks a getter and a proxy once for each option"],
  "OPTION-3": ["core/arguments/options.test.ts: and every unknown name"],
  "OPTION-4": [
    "core/arguments/options.test.ts: takes a literal of any realm",
    "core/arguments/options.test.ts: refuses whatever could carry options where they are not seen",
  ],
  "SECRETS-1": ["core/secrets.test.ts: refuses them with a reason, and does not quote them"],
  "SECRETS-2": [
    "core/secrets.test.ts: takes the bytes and leaves zeros",
    "core/secrets.test.ts: keeps the source when the memory has no room",
    "core/codec_malformed.test.ts: trailing bits that are not zero",
  ],
  "SECRETS-3": ["core/open_secrets.test.ts: a region that is weaker than its memory is given back"],
  "SECRETS-4": [
    "core/registry.test.ts: destroys every live secret, frozen, exposed or at rest",
    "core/collected.test.ts: is wiped, released and counted when it is collected",
  ],
  "BUF-1": ["core/secret_buffer_model.test.ts: follows the model, keeps the rules of the port"],
  "BUF-2": ["core/secret_buffer.test.ts: is empty, and the secret guarded, once use"],
  "BUF-3": ["core/secret_buffer.test.ts: stays readable until the promise settles"],
  "BUF-4": ["core/secret_buffer.test.ts: wipes and detaches at once and lets nothing else in"],
  "BUF-5": [
    "core/redact.test.ts: to structuredClone, postMessage and v8.serialize",
    "core/redact.test.ts: to enumeration, spread and assignment",
  ],
  "LIFE-1": ["core/lifecycle.test.ts: lets nothing leave destroyed"],
  "LIFE-2": ["core/secret_buffer_model.test.ts: follows the model, keeps the rules of the port"],
  "LIFE-3": ["core/secret_buffer.test.ts: is shared by overlapping exposes"],
  "LIFE-4": ["core/secret_buffer_hostile.test.ts: modify is exclusive"],
  "LIFE-5": ["core/crash.test.ts: on modify after freeze"],
  "RESTART-1": [
    "cli/run/restart.test.ts: ends the command when its secret changed, and then starts",
  ],
  "RESTART-2": ["cli/run/restart.test.ts: goes on with the command when a secret cannot be read"],
  "RESTART-3": [
    "cli/run/restart.test.ts: kills a command that does not end, and spaces the starts",
  ],
  "ENGINE-5": ["engines/sodium/sodium_engine.test.ts: is an error that quotes nothing"],
  "WASM-1": ["engines/libsodium/libsodium_engine.test.ts: also when the memory grows"],
  "WASM-2": [
    "engines/libsodium/libsodium_engine.test.ts: also when the module traps in the middle",
  ],
  "FFI-2": ["memories/pages/runtimes.test.ts: randomness comes straight into the pages"],
  "FFI-3": ["memories/pages/runtimes.test.ts: every guarantee is verified on this machine"],
  "FFI-4": ["memories/pages/runtimes.test.ts: every guarantee is verified on this machine"],
  "FILTER-1": ["memories/pages/call_filter.test.ts: that killed the child is made for nobody"],
  "FILTER-2": ["memories/pages/call_filter.test.ts: is made for who asked by name"],
  "LEDGER-1": [
    "memories/pages/workers.test.ts: is given back, not before",
    "memories/pages/sweep.test.ts: whatever fails, what runs is never touched",
  ],
  "LEDGER-2": ["memories/pages/sweep.test.ts: are what a ledger lists: one that is forged"],
  "LEDGER-3": [
    "memories/pages/sweep.test.ts: are left alone unless everything about them can be read",
  ],
  "POOL-2": ["memories/pages/pool.test.ts: exhaustion is typed, with the remedy"],
  "TURN-1": ["memories/pages/sweep.attack.test.ts: runs while another user locks every file"],
  "TURN-2": ["memories/pages/sweep.test.ts: until that one has ended too"],
  "TURN-3": ["memories/pages/sweep.test.ts: are left alone while it runs, whichever call"],
  "BUDGET-1": [
    "memories/sodium/slot_budget.test.ts: refuses while a quarter of the mappings is left",
    "memories/sodium/slot_budget.test.ts: leaves half of the memory",
  ],
  "BUDGET-2": [
    "memories/sodium/slot_budget.test.ts: sees what the rest of the process maps",
    "memories/sodium/slot_budget.test.ts: goes by its own count where nobody can be asked",
  ],
  ...FEATURES,
};

/** MEM-n is what the requirement Mn of the conformance suite asks, and likewise for these. */
export const BY_REQUIREMENT: Readonly<Record<string, string>> = { MEM: "M" };

/** What every memory owes, so that no case of the suite names it as what it is held to alone. */
export const OF_EVERY_MEMORY: Readonly<Record<string, readonly string[]>> = {
  "detached-views": ["M6", "B2", "B3"],
  "wiped-on-destroy": ["M7", "B4", "F1"],
};
