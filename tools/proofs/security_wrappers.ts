/** The tests behind the sentences of SECURITY.md about what wraps the keys of envelopes, as in security.ts. */
export const OF_WRAPPERS: Readonly<Record<string, readonly string[]>> = {
  "end the application or hold its thread up, by a crash": [
    "features/pkcs11/isolated.environment.test.ts: takes its process alone with it",
    "features/pkcs11/isolated.environment.test.ts: that hangs is ended in time",
  ],
  "be in the process that has other secrets": [
    "features/pkcs11/isolated.environment.test.ts: is not in the application, nor is its environment in it",
    "features/custodian/server/guest.test.ts: GUEST-1: has no vault beside it",
  ],
  "outlive the application": [
    "features/pkcs11/isolated.environment.test.ts: that hangs does not outlive its application",
  ],
  "have a credential under systemd's key of no bytes": [
    "features/systemd_creds/systemd_creds.environment.test.ts: CREDENTIAL-1: does not ask about a credential of no key",
    "features/systemd_creds/systemd_creds.environment.test.ts: opens no credential of another name that was given this one",
  ],
  "get a file key or a payload": [
    "features/key_services/asker.test.ts: is the outer side of doubled, and nothing else",
    "features/key_services/transit.test.ts: sends the names of its API alone",
  ],
  "have a request sent on by a redirection": [
    "features/key_services/asker.test.ts: ASK-1: follows no redirection",
  ],
  "give more than 128 KiB, or answer later": [
    "features/key_services/asker_answers.test.ts: ASK-3",
    "features/key_services/asker_ends.test.ts: ASK-2: ends in time",
  ],
  "open by a cache of file keys after its `maxAge` or `uses`": [
    "features/key_cache/key_cache.test.ts: CACHE-1: a key is given until it is maxAge old",
    "features/key_cache/key_cache.test.ts: CACHE-2: an answer is given uses times",
  ],
  "get the private key of a key file": [
    "cli/age_plugin/residue.attack.test.ts: leaves no file key and nothing of a private key",
  ],
  "make the plugin grow by what it sends": [
    "cli/age_plugin/age_plugin.test.ts: ends in bounded memory whatever a client sends",
  ],
  "have one loaded that anyone but root and this user can change": [
    "features/pkcs11/pkcs11.test.ts: MODULE-1",
  ],
  "have secrets sealed to a public key put beside a private one": [
    "features/pkcs11/pkcs11.environment.test.ts: FOUND-2",
  ],
  "spend the last try of a token that reports it": [
    "features/pkcs11/failing_module.environment.test.ts: LOGIN-3",
  ],
};
