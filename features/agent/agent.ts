import type { PlatformSignal } from "../../core/arguments/foreign.ts";
import type { Secrets } from "../../core/mod.ts";
import type { Custodian, KeyPairType, KeyPlace } from "../custodian/types.ts";
import type { RefusalReason } from "./protocol/agent_refusal.ts";

/** The process at the other end of a connection, as the kernel says. */
export interface AgentCaller {
  /** The id of the user that it ran as when it connected. */
  readonly uid: number;
  /** The id of the process then. It may have ended, and another process may have that id now. */
  readonly pid: number;
}

/** An SSH connection that a client has proven with `session-bind@openssh.com`. */
export interface AgentBinding {
  /** Of the server's host key, as `ssh-keygen -l` prints it: `SHA256:...`. */
  readonly hostKey: string;
  /** Whether the connection carries the agent to another host, and not a login. */
  readonly forwarding: boolean;
}

/** A key that is to be used, for `allow` and `confirm`. */
export interface AgentKeyUse {
  /** Of the key, as `ssh-add -l` prints it. */
  readonly fingerprint: string;
  /** What stands beside the key, as it came: it may hold characters that steer a terminal. */
  readonly comment: string;
  /** The algorithm. */
  readonly type: KeyPairType;
  /** Whether it is used with a certificate of OpenSSH, added with it. */
  readonly certified: boolean;
  /** Its name in the custodian. */
  readonly name: string;
  /** The process that asks; null where {@link AgentReport.peer} says that it is not known. */
  readonly caller: AgentCaller | null;
  /** The SSH connections that it asks for, the first hop first; none: it said nothing. */
  readonly bindings: readonly AgentBinding[];
  /** Aborted when the client has left: nothing is signed then, whatever the answer is. */
  readonly signal: PlatformSignal;
}

/** A request that was carried out or refused: no content, no key, no passphrase. */
export interface AgentUse {
  /** When, in milliseconds since 1970. */
  readonly time: number;
  /** What was asked for. */
  readonly action:
    | "list"
    | "sign"
    | "add"
    | "remove"
    | "remove all"
    | "lock"
    | "unlock"
    | "bind"
    | "query"
    | "other";
  /** `done`, or why it was refused. */
  readonly outcome: "done" | RefusalReason;
  /** Of the key that it is about; null when it is about none. */
  readonly fingerprint: string | null;
  /** The process that asked; null where it is not known. */
  readonly caller: AgentCaller | null;
}

/** How to open an {@link Agent}. */
export interface AgentOptions {
  /**
   * Where the socket is to be, as a whole path of at most 107 bytes. The folder must belong to this user and
   * let nobody else in (0700). Default: a new folder among the temporary files.
   */
  readonly path?: string;
  /** Where keys and passphrases come to rest on their way to the custodian. Default: the strongest memory. */
  readonly secrets?: Secrets;
  /**
   * Whether a key that asks for it (`ssh-add -c`) may be used now. Without it such keys are not taken. While a
   * question is open, the connection that asked waits, and the others do not.
   */
  readonly confirm?: (use: AgentKeyUse) => boolean | Promise<boolean>;
  /** Whether this caller may use this key now, for every signature. An error is a no. Default: yes. */
  readonly allow?: (use: AgentKeyUse) => boolean | Promise<boolean>;
  /**
   * Gets each request after it was carried out, and before the client gets its answer. When it throws, the client
   * gets a failure instead.
   */
  readonly onUse?: (use: AgentUse) => void;
  /**
   * How many connections at a time, 1 to 1024. One more takes the place of the one that has been idle for longest; where
   * each has a request under way, it is closed at once. Default: 64.
   */
  readonly mostConnections?: number;
  /**
   * How long a client may take to send a request that it began, and to read its answer, 100 to 3,600,000
   * milliseconds; then its connection ends. Default: 60,000.
   */
  readonly clientMilliseconds?: number;
  /** How many keys at a time, 1 to 4096. Default: 256. */
  readonly mostKeys?: number;
  /**
   * Where the custodian keeps keys that clients add, as {@link PutOptions.place}. In the `secure heap` EC and RSA keys sign
   * many times as fast, and lie open in the custodian; a key for which it has no room is refused. Default: `vault`.
   */
  readonly keyPlace?: KeyPlace;
}

/** A public key whose private half is in the custodian. */
export interface AgentKey {
  /** The algorithm; the custodian's secret has the same. */
  readonly type: KeyPairType;
  /** As {@link PublicKey} has it: 32 bytes, an uncompressed point, or RSAPublicKey in DER. */
  readonly publicKey: Uint8Array;
}

/** How a key of the custodian is offered. */
export interface AgentKeyOptions {
  /** What `ssh-add -l` shows beside it. Default: the name in the custodian. */
  readonly comment?: string;
  /** Each use is to be confirmed. Default: false. */
  readonly confirm?: boolean;
  /** How long it is offered, 1 to 4,294,967,295 seconds. Default: as long as the agent runs. */
  readonly lifetimeSeconds?: number;
  /**
   * It is offered with this certificate: the content of `NAME-cert.pub`, as `ssh-keygen -s` writes it. `ssh-add` offers
   * the key alone too: call `add` for each of the two. Default: the key alone.
   */
  readonly certificate?: Uint8Array;
}

/** What is true of an agent's socket. */
export interface AgentReport {
  /** `checked`: another user's process is sent away; or why that cannot be found out here. */
  readonly peer: "checked" | { readonly notChecked: string };
  /** Where the runtime puts what it reads from a socket. */
  readonly arrival: string;
}

/** A key that an agent offers. */
export interface AgentKeyStatus {
  /** As `ssh-add -l` prints it. */
  readonly fingerprint: string;
  /** What stands beside it. */
  readonly comment: string;
  /** The algorithm. */
  readonly type: KeyPairType;
  /** Whether it is offered with a certificate of OpenSSH: the same key may be there without one too. */
  readonly certified: boolean;
  /** Its name in the custodian. */
  readonly name: string;
  /** Milliseconds since 1970; null: as long as the agent runs. */
  readonly expires: number | null;
  /** Whether each use is to be confirmed. */
  readonly confirm: boolean;
}

/**
 * An SSH agent whose private keys are in a custodian, and never in this process.
 *
 * - AGENT-1: a key that a client adds comes to rest in secret memory, goes sealed to the custodian, and is wiped here
 * - AGENT-2: no request, however it is malformed, gets anything but an answer of the protocol or the end of its
 *   connection; memory and open questions are bounded by `mostConnections` and `mostKeys`
 * - AGENT-3: SHA-1 signs nothing; a constraint that cannot be kept is a refusal
 * - AGENT-4: while it is locked it lists nothing and signs nothing
 * - AGENT-5: the socket has mode 0600 in a folder of mode 0700, and a process of another user than this one and root is sent away
 * - AGENT-6: `onUse` gets each request before its client has the answer; when it throws, the client gets a failure
 * - AGENT-7: a key signs only as long as it is offered as it was when `allow` and `confirm` were asked, and for a client
 *   that has not left; its lifetime ends by the time of day or by the monotonic clock, whichever says so first
 * - AGENT-8: no client keeps others away by connections that it leaves idle, nor for longer than `clientMilliseconds` by requests
 *   that it does not finish or answers that it does not read
 * - AGENT-9: a purge of its secrets ends it: it closes when the next byte of a client comes, which is not read
 *
 * Where the kernel says who is at the other end (`report.peer`), only this user and root are answered. Every
 * process of this user may use its keys: that is what an agent is. `confirm`, `allow` and the custodian's own
 * policy (`uses`, `expires`) narrow it.
 */
export interface Agent extends AsyncDisposable {
  /** The socket, for `SSH_AUTH_SOCK`. */
  readonly path: string;
  /** What is true of that socket. */
  readonly report: AgentReport;
  /**
   * Fulfilled when it is closed, by {@link Agent.close}, by the end of the custodian, or after a purge of its secrets as soon as a client
   * sends something.
   */
  readonly closed: Promise<void>;
  /**
   * Offers a key that is in the custodian.
   *
   * @param name of the secret there
   * @throws {TypeError | RangeError} for what is not a public key of its type
   * @throws {LetheError} `ERR_LETHE_AGENT` with `mostKeys` keys, and once it is closed; `ERR_LETHE_KEY_INVALID`, also
   * for the certificate of another key; `ERR_LETHE_KEY_FORMAT`, `ERR_LETHE_KEY_DAMAGED` for other bytes than a certificate
   *
   * @example
   * ```ts
   * import { openAgent } from "lethe/agent";
   * import { openCustodian } from "lethe/custodian";
   *
   * const custodian = await openCustodian();
   * const publicKey = await custodian.generate("me", "ed25519");
   * const agent = await openAgent(custodian);
   * agent.add("me", { type: "ed25519", publicKey });
   * await agent.close();
   * await custodian.close();
   * ```
   */
  add(name: string, key: AgentKey, options?: AgentKeyOptions): void;
  /**
   * The keys that it offers now, whether it is locked or not. It never throws.
   *
   * @example
   * ```ts
   * import { openAgent } from "lethe/agent";
   * import { openCustodian } from "lethe/custodian";
   *
   * const custodian = await openCustodian();
   * const publicKey = await custodian.generate("me", "ed25519");
   * const agent = await openAgent(custodian);
   * agent.add("me", { type: "ed25519", publicKey });
   * console.log(agent.keys()[0]?.fingerprint); // "SHA256:..."
   * await agent.close();
   * await custodian.close();
   * ```
   */
  keys(): readonly AgentKeyStatus[];
  /**
   * Closes the connections, removes the socket and the keys that clients added. Those of {@link Agent.add} stay in
   * the custodian, which stays open. Idempotent; it never rejects.
   *
   * @example
   * ```ts
   * import { openAgent } from "lethe/agent";
   * import { openCustodian } from "lethe/custodian";
   *
   * const custodian = await openCustodian();
   * const publicKey = await custodian.generate("me", "ed25519");
   * const agent = await openAgent(custodian);
   * agent.add("me", { type: "ed25519", publicKey });
   * await agent.close();
   * await custodian.close();
   * ```
   */
  close(): Promise<void>;
}

/**
 * Opens an SSH agent over a custodian.
 *
 * @throws {LetheError} `ERR_LETHE_AGENT` when its socket cannot be made, with the reason; `ERR_LETHE_SECURE_HEAP` for a
 * `keyPlace` that the custodian does not have
 */
export type OpenAgent = (custodian: Custodian, options?: AgentOptions) => Promise<Agent>;
