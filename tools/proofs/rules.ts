/**
 * The tests that hold the numbered rules: each fails when its rule is broken. A test needs no line here that
 * names its rule in its title (`METER-3: the system is read seldom`), or that takes faulty subjects from a file
 * below `testing/` which names the rule that each breaks (`"LENDER-3"`).
 *
 * A probe is a file of tests, a colon, and a part of a title in it that stands there word for word.
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
  "INPUT-1": ["features/age_plugins/residue.test.ts: no file key, identity, PIN or payload"],
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
  "ROTATE-1": ["features/rotation/kubernetes.test.ts: readers one version whole while a volume"],
  "ROTATE-2": [
    "features/rotation/overlap.test.ts: can be used while the two overlap, and is destroyed then",
    "features/rotation/rotation_model.test.ts: keeps its promises whatever happens, in whatever order",
  ],
  "ROTATE-3": ["features/rotation/expiry.test.ts: serves until then although reads fail"],
  "ROTATE-4": [
    "features/rotation/expiry.test.ts: is over by the time of day when the machine slept",
    "features/rotation/expiry.test.ts: is over by the monotonic clock when somebody sets the time",
  ],
  "ROTATE-5": [
    "features/rotation/rotation_model.test.ts: keeps its promises whatever happens, in whatever order",
  ],
  "RESTART-1": [
    "cli/run/restart.test.ts: ends the command when its secret changed, and then starts",
  ],
  "RESTART-2": ["cli/run/restart.test.ts: goes on with the command when a secret cannot be read"],
  "RESTART-3": [
    "cli/run/restart.test.ts: kills a command that does not end, and spaces the starts",
  ],
  "REFRESH-1": ["features/rotation/reads.test.ts: are shared by those who ask in one turn"],
  "REFRESH-2": ["features/rotation/reads.test.ts: follow a notice that came while one ran"],
  "REFRESH-3": ["features/rotation/overlap.test.ts: is not lent once it has expired itself"],
  "REFRESH-4": ["features/rotation/expiry.test.ts: is not used when it comes too late"],
  "PHASE-1": ["features/rotation/phases.test.ts: phases of a rotation"],
  "PHASE-2": ["features/rotation/phases.test.ts: phases of a rotation"],
  "PHASE-3": ["features/rotation/phases.test.ts: phases of a rotation"],
  "PHASE-4": ["features/rotation/phases.test.ts: phases of a rotation"],
  "PHASE-5": ["features/rotation/phases.test.ts: phases of a rotation"],
  "ENGINE-1": [
    "features/crypto/vectors.test.ts: Ed25519: RFC 8032",
    "features/crypto/engines.test.ts: has three to compare",
  ],
  "ENGINE-2": ["features/crypto/forgery.test.ts: leaves no plaintext where it refuses"],
  "ENGINE-3": ["features/crypto/crypto.test.ts: has every length of result that it offers"],
  "ENGINE-4": ["features/crypto/residue.test.ts: the sodium engine works straight on the pages"],
  "ENGINE-5": ["engines/sodium/sodium_engine.test.ts: is an error that quotes nothing"],
  "WASM-1": ["engines/libsodium/libsodium_engine.test.ts: also when the memory grows"],
  "WASM-3": ["features/crypto/residue.test.ts: none, of any secret, result or value between"],
  "WASM-2": [
    "engines/libsodium/libsodium_engine.test.ts: also when the module traps in the middle",
  ],
  "MARK-1": [
    "features/key_files/sealed_is_never_plain.attack.test.ts: no way in takes it for a plain",
  ],
  "MARK-2": [
    "features/key_files/sealed_is_never_plain.attack.test.ts: no way in takes it for a plain",
  ],
  "MARK-3": [
    "features/key_files/sealed_is_never_plain.attack.test.ts: no way in takes it for a plain",
  ],
  "MARK-4": [
    "features/key_files/sealed_is_never_plain.attack.test.ts: no way in takes it for a plain",
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
  "CRYPTO-1": [
    "features/crypto/crypto.test.ts: are a TypeError or a RangeError that quotes nothing",
  ],
  "CRYPTO-2": ["features/crypto/crypto.test.ts: leaves no secret but its results"],
  "CRYPTO-3": ["features/crypto/engines.test.ts: has three to compare, each with every operation"],
  "CRYPTO-4": [
    "features/crypto/crypto.test.ts: never uses a nonce twice",
    "features/crypto/nonce.test.ts: another message has another nonce",
  ],
  "CRYPTO-5": [
    "features/crypto/forgery.test.ts: refuses a message with any bit of nonce",
    "features/crypto/forgery.test.ts: leaves no plaintext where it refuses",
  ],
  "ENC-1": [
    "features/enclave/residue.test.ts: is none",
    "features/enclave/residue.test.ts: shows none of them and no session key",
  ],
  "ENC-2": [
    "features/enclave/forged.test.ts: are refused, whichever bit of the ciphertext",
    "features/enclave/forged.test.ts: are refused when two slots were swapped",
  ],
  "ENC-3": [
    "features/enclave/enclave_end.test.ts: for every method, and its slot",
    "features/enclave/enclave_end.test.ts: comes for all by a purge",
  ],
  "ENC-4": ["features/enclave/enclave_end.test.ts: is destroyed when it is collected"],
  "ENC-5": ["features/enclave/enclave_end.test.ts: shows nothing in any form"],
  "STORE-1": ["features/enclave/session_key.test.ts: is destroyed soon after the last enclave"],
  "STORE-2": ["features/enclave/enclave.test.ts: puts every ciphertext under a nonce"],
  "STORE-3": ["features/enclave/forged.test.ts: the additional data names size, slot"],
  "SLOT-1": ["features/enclave/slots.test.ts: name one use each"],
  "SLOT-2": ["features/enclave/slots.test.ts: overwrite what they held"],
  "SCRATCH-1": ["features/enclave/enclave_end.test.ts: by a purge reaches every open scope"],
  "SCRATCH-2": ["features/enclave/port_failures.test.ts: survives each failure of its memory"],
  "REKEY-1": ["features/enclave/rekey.test.ts: puts every enclave under another key"],
  "REKEY-2": ["features/enclave/rekey.test.ts: puts every enclave under another key, and destroys"],
  "REKEY-3": ["features/enclave/rekey.test.ts: lets enclaves be opened, sealed, cloned"],
  "REKEY-4": ["features/enclave/rekey.test.ts: called twice at once ends twice"],
  "PARSE-1": ["features/keys/residue.test.ts"],
  "PARSE-3": ["features/keys/checked.test.ts: whose halves are not of one key are refused"],
  "PARSE-4": [
    "features/keys/bounds.test.ts: beyond the bounds is refused before anything is computed",
  ],
  "PARSE-5": ["features/keys/interop.test.ts: what openssl made, plain and encrypted, is read"],
  "FORMAT-1": ["features/keys/residue.test.ts"],
  "FORMAT-2": ["features/keys/interop.test.ts: openssl and Node read what is written"],
  "FORMAT-3": ["features/keys/forms.test.ts: are encrypted by each derivation and cipher"],
  "HELD-1": ["features/keys/checked.test.ts: whose halves are not of one key are refused"],
  "HELD-2": ["features/keys/primitives/key_numbers.test.ts: RSA numbers belong together only"],
  "POINT-1": ["features/keys/primitives/key_numbers.test.ts: the public point of a scalar"],
  "POINT-2": [
    "features/keys/residue.test.ts: is left by reading, writing and refusing",
    "features/custodian/residue.test.ts: keys that sign by PKCS#1, PSS and ECDSA, agree and decrypt",
  ],
  "FIELD-2": [
    "features/keys/residue.test.ts: is left by reading, writing and refusing",
    "features/custodian/residue.test.ts: keys that sign by PKCS#1, PSS and ECDSA, agree and decrypt",
  ],
  "ECDSA-2": [
    "features/keys/residue.test.ts: is left by reading, writing and refusing",
    "features/custodian/residue.test.ts: keys that sign by PKCS#1, PSS and ECDSA, agree and decrypt",
  ],
  "KEYFILE-1": ["features/key_files/residue.test.ts: every life and every refusal leaves nothing"],
  "KEYFILE-2": [
    "features/key_files/key_files.test.ts: has mode 0400 under umask",
    "features/key_files/key_files.test.ts: is never made over another one",
    "features/key_files/key_files.test.ts: is written, synced, named and synced again",
    "features/key_files/kill.test.ts: after every step there is the whole key or none",
  ],
  "KEYFILE-3": ["features/key_files/refusals.test.ts: each path is answered with its code"],
  "KEYFILE-4": ["features/key_files/changed_files.test.ts: one that %s is refused"],
  "KEYFILE-5": [
    "features/key_files/sealed_format.test.ts: fails at the commitment or the tag",
    "features/key_files/sealed_format.test.ts: of a cost above the bound is refused",
  ],
  "KEYFILE-7": ["features/key_files/sealed_is_never_plain.attack.test.ts: no way in takes it for"],
  "KEYFILE-8": [
    "features/key_files/one_writer.attack.test.ts: each replaces what the one before",
    "features/key_files/changed_files.test.ts: before a rotation ends: it is not overwritten",
  ],
  "FILE-1": ["features/key_files/faults.test.ts: each call failing in turn: a typed error"],
  "FILE-2": ["features/key_files/residue.test.ts: every life and every refusal leaves nothing"],
  "FILE-3": ["features/key_files/refusals.test.ts: no temporary file, no descriptor, no secret"],
  "FILE-4": ["features/key_files/refusals.test.ts: each path is answered with its code"],
  "NAMING-1": ["features/key_files/key_files.test.ts: is written, synced, named and synced again"],
  "NAMING-2": ["features/key_files/no_hard_links.test.ts: every operation is done"],
  "NAMING-3": [
    "features/key_files/no_hard_links.test.ts: an empty file that a killed creation left",
  ],
  "REPLACE-1": ["features/key_files/one_writer.attack.test.ts: each replaces what the one before"],
  "REPLACE-2": ["features/key_files/kill.test.ts: and what has its name is whole"],
  "REPLACE-3": ["features/key_files/kill.test.ts: the old key is there"],
  "REPLACE-4": ["features/key_files/no_hard_links.test.ts: an empty second name"],
  "LOCK-1": ["features/key_files/one_writer.attack.test.ts: each replaces what the one before"],
  "LOCK-2": ["features/key_files/lock.test.ts: is taken over from one that was killed"],
  "LOCK-3": ["features/key_files/lock.test.ts: of a file that has lost its name is none"],
  "LOCK-4": ["features/key_files/name_lock.test.ts: the lock is a directory"],
  "LOCKDIR-1": ["features/key_files/name_lock.test.ts: it keeps those off that have flock(2)"],
  "LOCKDIR-2": ["features/key_files/name_lock.test.ts: one that is killed is followed by the next"],
  "LOCKDIR-3": ["features/key_files/name_lock.test.ts: a holder that has certainly ended"],
  "TEXT-1": ["features/prompt/plain_text.test.ts: is what the engine decodes"],
  "TEXT-2": [
    "features/prompt/plain_text.test.ts: has none of the characters that the engine knows",
  ],
  "TEXT-3": ["features/prompt/plain_text.test.ts: is never another text in normal form C"],
  "READER-1": ["features/prompt/two_readers.environment.test.ts: which begins during it"],
  "READER-2": ["features/prompt/two_readers.environment.test.ts: which began before it"],
  "READER-3": ["features/prompt/two_readers.environment.test.ts: which began before it"],
  "TERM-1": ["features/prompt/ways_out.test.ts: edits, refuses and goes on, while a timer ticks"],
  "TERM-2": ["features/prompt/ways_out.test.ts: leaves by %s with the terminal restored"],
  "TERM-3": ["features/prompt/unrestored.test.ts: is reported as a warning with a remedy"],
  "SESSION-1": ["features/custodian/protocol/session.test.ts: lets a secret be opened once"],
  "SESSION-2": ["features/custodian/protocol/session.test.ts: never sends the same bytes twice"],
  "SESSION-3": [
    "features/custodian/protocol/session.test.ts: for each single bit that was changed",
    "features/custodian/protocol/session_model.test.ts: a session behaves as its model",
  ],
  "SESSION-4": ["features/custodian/protocol/session.test.ts: opens its keys for reading alone"],
  "CUSTODIAN-1": [
    "features/custodian/residue.test.ts: passwords typed into the custodian",
    "features/custodian/residue.test.ts: and a secret from the application",
  ],
  "CUSTODIAN-2": [
    "features/custodian/server/server.test.ts: has wiped each secret when its answer",
    "features/custodian/residue.test.ts: keys that sign by PKCS#1, PSS and ECDSA, agree and decrypt",
  ],
  "CUSTODIAN-3": ["features/custodian/client/client.test.ts: keeps what may not leave"],
  "CUSTODIAN-4": ["features/custodian/ends.test.ts: that ends by %s rejects every call"],
  "AGENT-1": [
    "features/custodian/residue.test.ts: and a key given to its agent, leave no copy in either",
    "features/agent/residue.test.ts: leaves no key and no passphrase in either process",
  ],
  "AGENT-2": [
    "features/agent/fuzz.test.ts: gives every mutated message an answer of the protocol",
    "features/agent/requests.test.ts: is sent away",
  ],
  "AGENT-3": [
    "features/agent/agent.test.ts: and with SHA-1 for nobody",
    "features/agent/requests.test.ts: is refused what cannot be kept or is not a key",
  ],
  "AGENT-4": ["features/agent/openssh.test.ts: lock it with a passphrase (-x), and unlock it"],
  "AGENT-5": [
    "features/agent/agent.test.ts: is this user's alone, and its folder too",
    "features/agent/agent.test.ts: is closed to other users",
  ],
  "AGENT-6": ["features/agent/requests.test.ts: gets a failure when its request cannot be noted"],
  "BIND-1": [
    "features/agent/requests.test.ts: proves the connection that it is used for, and only one",
  ],
  "BIND-2": ["features/agent/policy.attack.test.ts: gets the bindings of the connection that asks"],
  "SERVE-1": [
    "features/agent/under_way.attack.test.ts: is bounded for clients that come and leave",
  ],
  "SERVE-2": [
    "features/agent/listen/lines.attack.test.ts: notices that a client has left while its request",
  ],
  "SERVE-3": [
    "features/agent/listen/lines.attack.test.ts: ends a connection whose request does not come to",
    "features/agent/listen/lines.attack.test.ts: ends a connection that does not read its answers",
  ],
  "FRAME-1": [
    "features/agent/protocol/protocol.test.ts: of a private key, a passphrase and a PIN lie",
  ],
  "FRAME-2": ["features/agent/protocol/protocol.test.ts: come out whole, in their order"],
  "FRAME-3": ["features/agent/protocol/protocol.test.ts: have bounds, which are looked at before"],
  "PIPE-1": [
    "features/sources/residue.test.ts: leaves nothing of a file, a descriptor and a program",
  ],
  "PIPE-2": ["features/sources/sources.test.ts: is ended with all that it started"],
  "ENVELOPE-1": ["features/envelopes/envelopes.test.ts: leaves no secret behind but the one"],
  "ENVELOPE-2": [
    "features/envelopes/interop.test.ts: bytes that were sealed here, and the reverse",
  ],
  "ENVELOPE-3": [
    "features/envelopes/envelopes.test.ts: refuses an envelope with any byte turned over",
  ],
  "ENVELOPE-4": ["features/envelopes/vectors.test.ts: writes every header and armor that it reads"],
};

/** MEM-n is what the requirement Mn of the conformance suite asks, and likewise for these. */
export const BY_REQUIREMENT: Readonly<Record<string, string>> = { MEM: "M" };

/** What every memory owes, so that no case of the suite names it as what it is held to alone. */
export const OF_EVERY_MEMORY: Readonly<Record<string, readonly string[]>> = {
  "detached-views": ["M6", "B2", "B3"],
  "wiped-on-destroy": ["M7", "B4", "F1"],
};
