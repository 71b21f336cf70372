import { OF_WRAPPERS } from "./security_wrappers.ts";

/**
 * The tests behind the sentences of SECURITY.md: by a part of a sentence, word for word.
 *
 * A new sentence needs a line here or in limits.ts, and a changed one its part changed there.
 */

const REDACTION: readonly string[] = [
  "core/redact.test.ts: to enumeration, spread and assignment",
  "core/redact.test.ts: to structuredClone, postMessage and v8.serialize",
];
const FORCED: readonly string[] = ["memories/pages/runtimes.test.ts: kills the process"];
const SUITE: readonly string[] = ["adapters/node/conformance.test.ts"];

export const SENTENCES: Readonly<Record<string, readonly string[]>> = {
  ...OF_WRAPPERS,
  "a destroyed secret is in none of them": [
    ...SUITE,
    "features/enclave/residue.test.ts: is none",
    "features/enclave/residue.test.ts: shows none of them and no session key",
  ],
  "A live one is not in a core dump": SUITE,
  "the process dies instead of leaking": FORCED,
  "secretmem and pages are not inherited": [
    "memories/pages/runtimes.test.ts: a forked child can neither read nor write",
  ],
  "no conversion to text, enumeration, structured clone": REDACTION,
  "it has length 0 once its scope has ended": [
    "core/secret_buffer.test.ts: is empty, and the secret guarded, once use",
  ],
  "`lethe doctor` lists what weakens it": [
    "cli/doctor/environment.test.ts: gives each weak spot a meaning and a remedy",
  ],
  "secretmem is not readable through": SUITE,
  "be started by Lethe: helpers come from": [
    "system/system_program.test.ts: is not looked for on PATH, and gets no environment",
    "system/system_program.test.ts: is one that only root can change",
  ],
  "With FFI most are not started at all": [
    "adapters/node/custodian_way.test.ts: asks for FFI where there is one",
  ],
  "run code in the custodian: it starts in": [
    "features/custodian/start/plant.attack.test.ts: runs none of it in the custodian",
  ],
  "Lethe opens no library of that folder": [
    "testing/whole/libraries.attack.test.ts: a name that is not beside the C library",
  ],
  "choose an option, a memory, an engine": [
    "testing/whole/pollution.attack.test.ts: no function comes to anything else",
    "system/optional/untouched.attack.test.ts: is loaded as ever, and runs no other file",
  ],
  "hold up a sweep or a change of a key file": [
    "memories/pages/sweep.attack.test.ts: runs while another user locks every file",
  ],
  "open what `lethe run` hands over;": [
    "cli/run/hand_over.attack.test.ts: hands a socket over that no process can open",
  ],
  "read a key file": ["features/key_files/refusals.test.ts: what was created has mode 0400"],
  "open what `lethe run` hands over through": [
    "cli/run/hand_over.attack.test.ts: hands a socket over that no process can open",
  ],
  "make a sealed file pass as a key by accident": [
    "features/key_files/sealed_is_never_plain.attack.test.ts: no way in takes it for a plain key",
  ],
  "Put a plain file in a sealed one's place": [
    "features/key_files/downgrade.attack.test.ts: is refused by all that take one",
    "cli/key/downgrade.attack.test.ts: a plain one",
  ],
  "get a signature whose public half": [
    "features/crypto/key_pairs.attack.test.ts: every single flipped bit of the public half",
    "features/custodian/server/signing.attack.test.ts: a custodian signs with no key",
  ],
  "get what is typed, or show it": [
    "features/prompt/two_readers.environment.test.ts: which began before it",
    "features/prompt/two_readers.environment.test.ts: which begins during it",
  ],
  "choose what a verification costs": [
    "features/crypto/password_hash.test.ts: costs no more than is allowed, whatever is stored",
  ],
  "start the runtimes on PATH, but none in": ["cli/runtimes.attack.test.ts"],
  "type into a password by its answers": [
    "features/prompt/keys.test.ts: leave nothing of a control function in any line",
  ],
  "make a prompt wait without end": [
    "features/prompt/keys.test.ts: end at a string without end, however long",
  ],
  "get two messages under one nonce": ["testing/whole/snapshots.attack.test.ts"],
  "make one call read two different inputs": [
    "core/standard/lender.test.ts: reads each part of a lender once",
    "core/standard/lender.test.ts: runs nothing of the lender while a page of this memory is open",
  ],
  "under a key of zeros": [
    "features/crypto/zero_key.attack.test.ts: refuses a key of zeros, on every engine",
    "features/custodian/server/zero_key.attack.test.ts: a custodian refuses to",
  ],
  "have `exec:` or an age plugin start a file": [
    "features/sources/sources.test.ts: is started by an absolute path of a file that others cannot change",
    "features/age_plugins/age_plugins.test.ts: is started by no path that others could change",
  ],
  "have a sealed key file or a half-written volume": [
    "features/sources/files.test.ts: that is a sealed key file is not a secret",
    "features/sources/files.test.ts: is read whole: every field of one state",
  ],
  "open one that they altered, cut or extended": [
    "features/envelopes/envelopes.test.ts: refuses an envelope with any byte turned over, or cut",
    "features/envelopes/context.test.ts: opens with the same context alone",
  ],
  "read a record, how many fields it has": [
    "features/stores/stores.test.ts: STORED-1: show the store no byte of a secret",
  ],
  "pass an envelope off under another key": [
    "features/stores/stored_versions.test.ts: STORED-2: of another key are refused, and named",
    "features/stores/stored_versions.test.ts: STORED-2: with a version, an end or a byte that was altered",
  ],
  "put an older version back before a process that read": [
    "features/stores/stored_versions.test.ts: STORED-2: that were put back are refused",
  ],
  "hold this process up beyond its time limit": [
    "features/age_plugins/faulty_plugins.test.ts: is an error in time",
    "features/programs/programs.test.ts: also when others have the number of a descriptor by now",
  ],
  "An application that logs in by `createSsh2Agent` has no copy": [
    "features/agent/ssh2.environment.test.ts: logs in with keys of a custodian",
  ],
  "The agent's keys are in a custodian": [
    "features/agent/residue.test.ts: leaves no key and no passphrase in either process",
  ],
  "The numbers and structures of the kernel that Lethe uses": [
    "testing/system/kernel_numbers.environment.test.ts",
  ],
  "change what a command reads by `lethe run --as memfd`": [
    "cli/run/hand_over.attack.test.ts: over, and its owner who opens it for writing gets",
  ],
  "use a key by conditions that no longer hold": [
    "features/agent/policy.attack.test.ts: that of the moment in which it signs",
  ],
  "spend a use after it has left": ["features/agent/policy.attack.test.ts: spends no use"],
  "lock others out by connections that are idle": [
    "features/agent/listen/lines.attack.test.ts: one more client than places",
    "features/agent/listen/lines.attack.test.ts: request does not come to its end",
  ],
  "or one of a custodian or an agent that expires": [
    "features/custodian/vault/expiry.attack.test.ts",
    "features/agent/policy.attack.test.ts: lifetime",
  ],
  "a peer's point off the curve or of low order": [
    "features/custodian/client/key_pairs.test.ts: refuses a peer's point off the curve or of low order",
    "features/keys/agreement.test.ts: with no point off the curve",
  ],
  "every altered OAEP ciphertext gets the same error": [
    "features/keys/decryption.test.ts: has one error for a ciphertext that is altered",
    "features/keys/decryption.test.ts: refuses whatever else stands before the message",
  ],
  "get a private key, have SHA-1 signed": [
    "features/agent/agent.test.ts: of RSA signs with SHA-256 and SHA-512, and with SHA-1 for nobody",
    "features/agent/fuzz.test.ts",
  ],
  "as another user, reach it": [
    "features/agent/agent.test.ts: is this user's alone, and its folder too",
  ],
  "prolong a rotated secret": [
    "features/rotation/expiry.test.ts: is over by the monotonic clock when somebody sets the time back",
  ],
  "the earlier of two clocks ends it": [
    "features/rotation/expiry.test.ts: is over by the time of day when the machine slept",
  ],
  "nonces are those of RFC 6979": [
    "features/keys/signing.test.ts: those of RFC 6979",
    "features/custodian/residue.test.ts: keys that sign by PKCS#1, PSS and ECDSA, agree and decrypt",
  ],
  "with nonces that it draws at random": [
    "features/custodian/client/heap_pairs.test.ts: makes it grow, signs by OpenSSL, and makes it shrink",
  ],
  "an RSA signature is verified before it leaves": [
    "features/keys/rsa_signing.test.ts: gives no signature that would tell a prime",
    "features/keys/rsa_signing.test.ts: is an error with a code, and no signature",
    "features/custodian/vault/heap_key_pair.test.ts: gives no RSA signature of",
  ],
  "RSA is blinded": [
    "features/keys/primitives/rsa_blinding.test.ts: modulo each prime, and never the message",
    "features/keys/residue.test.ts: is left by reading, writing and refusing",
  ],
  "leave no copy in the process": [
    "features/sources/residue.test.ts: leaves nothing of a file, a descriptor and a program",
    "features/keyrings/kernel_residue.test.ts",
  ],
  "make a protection be left out without a word": [
    "testing/whole/machine.hostile.test.ts: does its work, or says what it lacks",
    "features/custodian/start/machine.hostile.test.ts: opens, and says what is not done",
    "memories/pages/filters.hostile.test.ts: goes on, or says what it lacks",
  ],
  "a probe region is put through a life": [
    "core/attest.test.ts: sees that views detach and bytes are wiped",
  ],
  "the conformance suite scans the process from outside": SUITE,
  "exactly one copy of a live secret": SUITE,
  "read from `/proc/self/maps` when the memory is opened": [
    "memories/pages/guarded_memory.test.ts: attests what the pages give",
    "memories/sodium/sodium_guarantees.test.ts: follow each slot in its guards",
  ],
  "touches closed pages in a process that has to die": [
    "cli/doctor/verdict.test.ts: proves %s by what was seen",
  ],
  "the suite also writes to exposed ones": SUITE,
  "finds a control in ordinary memory and not the secret": [
    ...SUITE,
    "cli/doctor/verdict.test.ts: proves hidden by a scan",
  ],
  "PTRACE_PEEKDATA of the same pages is refused": SUITE,
  "besides the flag, a core file at abort": SUITE,
  "and a real fork of the process": [
    "memories/pages/runtimes.test.ts: a forked child can neither read nor write",
  ],
  "16 random bytes before the data": [
    "memories/pages/guarded_memory.test.ts: the canary is checked on a wiped region",
    "memories/sodium/sodium_region.test.ts: finds a byte that changed at",
  ],
  "for each slot of sodium memory, because libsodium": [
    "memories/sodium/attest_slots.test.ts: finds each slot at its own address",
    "memories/sodium/privileges.test.ts: no secret claims a lock that it has not",
  ],
  "lists each end of a process": [
    "features/process/shutdown/wipe_on_exit.test.ts: nothing is left",
    "features/custodian/own_ends.test.ts: nothing is left",
  ],
  "`isolated`: the custodian's part": [
    "features/custodian/residue.test.ts: passwords typed into the custodian",
  ],
  "lie in ordinary memory as ciphertext": [
    "features/enclave/residue.test.ts: is none",
    "features/enclave/residue.test.ts: shows none of them and no session key",
  ],
  "sodium works straight on guarded pages": [
    "features/crypto/residue.test.ts: the sodium engine works straight on the pages",
  ],
  "restores it byte for byte afterwards": [
    "engines/libsodium/libsodium_engine.test.ts: also when the module traps in the middle",
  ],
  "noble leaves copies, declared in": ["features/crypto/residue.test.ts"],
  "keeps nothing of a secret that its command has": [
    "cli/run/hand_over.attack.test.ts: keeps nothing of a key that it handed over",
  ],
  "holds the ones that serve in secret memory": [
    "cli/run/restart.test.ts: keeps nothing of three secrets that it handed over",
  ],
  "has minified code and no source maps": [
    "tools/package.test.ts: is as large as docs/bundling.md says, packed and installed",
  ],
  "in which koffi lies and checks it by known answers": [
    "adapters/node/load_koffi.test.ts: is loaded by its binary alone, if it is there",
    "adapters/node/load_koffi.test.ts: is not trusted when it gives",
  ],
  "koffi's JavaScript does not run": [
    "adapters/node/load_koffi.test.ts: is loaded by its binary alone, if it is there",
    "adapters/node/koffi_layouts.environment.test.ts: is loaded below a path",
  ],
  "put beside or above a linked koffi is refused": [
    "adapters/node/koffi_layouts.environment.test.ts: runs nothing that another user put beside or above a linked one",
  ],
  "what is patched later is not believed": [
    "memories/heap/server_heap.test.ts: STAND-1, STAND-3: chooses no random byte and no time",
  ],
  "the web's generator is taken at that moment": [
    "memories/heap/server_heap.test.ts: STAND-2: nor where the system's device may not be read",
  ],
  "cannot keep a dropped secret from being noticed": [
    "core/standard/prototypes.attack.test.ts: shows no code the bytes that are copied into secret memory",
    "core/collected.test.ts: is noticed also when a program has replaced Promise.prototype.then since",
  ],
};
