/** A way to hold a password, as it is found in programs. */
export interface Approach {
  readonly id: string;
  readonly title: string;
  /** The lines that matter, for readers. */
  readonly code: string;
  /** Flags for Node. */
  readonly flags?: readonly string[];
  /** Runs on every runtime; the others run on Node alone. */
  readonly everywhere?: true;
  /** Lethe's own: a copy that it leaves is not as promised. */
  readonly ours?: true;
  /** What the process is that it starts beside the program. */
  readonly helper?: string;
  /** How the password is kept while it is live, where it should lie in no process in the clear. */
  readonly atRest?: string;
}

/**
 * Lethe, and what it is held against. Each is given the same password on standard input, uses
 * it five times, and ends it as well as it can.
 */
export const APPROACHES: readonly Approach[] = [
  {
    id: "lethe",
    title: "Lethe",
    code: "secret.modify((bytes) => readSync(0, bytes)); … secret.destroy()",
    everywhere: true,
    ours: true,
  },
  {
    id: "custodian",
    title: "Lethe, custodian",
    code: 'custodian.prompt("password", …); await custodian.expose("password", use); … custodian.delete("password")',
    ours: true,
    helper: "custodian",
    atRest: "sealed in the custodian",
  },
  {
    id: "buffer",
    title: "Buffer, filled with zeros",
    code: "readSync(0, password = Buffer.alloc(24)); … password.fill(0)",
  },
  {
    id: "typed-array",
    title: "Uint8Array, filled with zeros",
    code: "readSync(0, password = new Uint8Array(24)); … password.fill(0)",
  },
  {
    id: "readline",
    title: "readline, variable emptied",
    code: 'password = await rl.question("Password: "); … password = ""',
  },
  {
    id: "key-object",
    title: "createSecretKey, dropped",
    code: "key = createSecretKey(buffer); buffer.fill(0); … key = undefined",
  },
  {
    id: "sodium-native",
    title: "sodium-native, freed",
    code: "readSync(0, password = sodium_malloc(24)); … sodium_free(password)",
  },
  {
    id: "fork",
    title: "fork, --secure-heap, JSON IPC",
    code: "process.send({ password: privateDecrypt(key, sealed) }); … randomFillSync(password)",
    helper: "worker",
  },
];
