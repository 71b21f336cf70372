/** Why a request was refused. A client learns no more than that it was. */
export type RefusalReason =
  /** It does not follow the protocol. */
  | "malformed"
  /** The protocol has it, or may have it, and this agent does not. */
  | "unsupported"
  /** The agent is locked. */
  | "locked"
  /** There is no such key, or it has expired. */
  | "no such key"
  /** It asks for a signature with SHA-1. */
  | "sha-1"
  /** The user, or the program that asks, did not confirm; or nobody can be asked. */
  | "not confirmed"
  /** `allow` said no, or the custodian's policy. */
  | "policy"
  /** A private key contradicts itself, or is of an algorithm that cannot be used. */
  | "bad key"
  /** The wrong passphrase, or none. */
  | "wrong passphrase"
  /** A binding's signature is not that of its host key, or the connection may not be bound any more. */
  | "bad binding"
  /** The agent has as many keys, bytes or bindings as it takes. */
  | "exhausted"
  /** The client had left before its turn came, or while somebody was asked. */
  | "gone"
  /** The custodian ended, or failed. */
  | "failed";

/** A request that gets the answer "failure". Its text is for the log; it holds nothing of the request. */
export class AgentRefusal extends Error {
  override readonly name = "AgentRefusal";
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason) {
    super(`Cannot do what the client asks for: ${reason}`);
    this.reason = reason;
  }
}
