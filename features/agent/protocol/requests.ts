import { isText, SshReader, type View } from "../../keys/ssh.ts";
import { AgentRefusal } from "./agent_refusal.ts";
import { CONSTRAINT, REQUEST, SIGN_FLAGS } from "./numbers.ts";

/** A request without a secret in it, as it was sent. The bytes are parts of its frame. */
export type PublicRequest =
  | { readonly kind: "list" }
  | {
      readonly kind: "sign";
      readonly blob: View;
      readonly data: View;
      /** What is asked of an RSA key; null: SHA-1. */
      readonly hash: "sha256" | "sha512" | null;
    }
  | { readonly kind: "remove"; readonly blob: View }
  | { readonly kind: "remove all" }
  | Binding
  | { readonly kind: "query" }
  /** An extension that this agent does not have. */
  | { readonly kind: "extension" };

/** `session-bind@openssh.com`: what the connection is used for (OpenSSH PROTOCOL.agent, section 1). */
export interface Binding {
  readonly kind: "bind";
  readonly hostKey: View;
  readonly sessionId: View;
  readonly signature: View;
  /** It reaches this agent through another host. */
  readonly forwarding: boolean;
}

/** What a client wants kept about a key that it adds. */
export interface Constraints {
  /** Seconds; null: as long as the agent runs. */
  readonly lifetime: number | null;
  /** Each use is to be confirmed. */
  readonly confirm: boolean;
}

/** @throws {AgentRefusal} `malformed`, `unsupported` */
export function parseRequest(type: number, body: View): PublicRequest {
  return orMalformed(() => {
    const reader = new SshReader(body);
    const request = fieldsOf(type, reader);
    reader.end();
    return request;
  });
}

function fieldsOf(type: number, reader: SshReader): PublicRequest {
  switch (type) {
    case REQUEST.list:
      return { kind: "list" };
    case REQUEST.removeAll:
      return { kind: "remove all" };
    case REQUEST.remove:
      return { kind: "remove", blob: reader.string() };
    case REQUEST.sign:
      return {
        kind: "sign",
        blob: reader.string(),
        data: reader.string(),
        hash: hashOf(reader.u32()),
      };
    case REQUEST.extension:
      return extensionOf(reader);
    default:
      throw new AgentRefusal("unsupported");
  }
}

function hashOf(flags: number): "sha256" | "sha512" | null {
  if (flags === 0) return null;
  if (flags === SIGN_FLAGS.sha256) return "sha256";
  // OpenSSH takes SHA-512 where both bits are set.
  if ((flags & ~SIGN_FLAGS.sha256) === SIGN_FLAGS.sha512) return "sha512";
  throw new AgentRefusal("unsupported");
}

function extensionOf(reader: SshReader): PublicRequest {
  const name = reader.string();
  if (isText(name, "query")) return { kind: "query" };
  if (!isText(name, SESSION_BIND)) {
    reader.take(reader.rest.length);
    return { kind: "extension" };
  }
  const [hostKey, sessionId, signature] = [reader.string(), reader.string(), reader.string()];
  const [forwarding] = reader.take(1);
  return { kind: "bind", hostKey, sessionId, signature, forwarding: forwarding !== 0 };
}

/** The name of the extension that says what a connection is used for. */
export const SESSION_BIND = "session-bind@openssh.com";

/** @throws {AgentRefusal} `unsupported` for a constraint that cannot be kept: the key is not taken then */
export function parseConstraints(reader: SshReader): Constraints {
  return orMalformed(() => {
    let lifetime: number | null = null;
    let confirm = false;
    while (!reader.done) {
      const [kind] = reader.take(1);
      if (kind === CONSTRAINT.lifetime) {
        if (lifetime !== null) throw new AgentRefusal("malformed"); // one of the two would not be kept
        lifetime = reader.u32();
      } else if (kind === CONSTRAINT.confirm) confirm = true;
      else throw new AgentRefusal("unsupported");
    }
    return { lifetime, confirm };
  });
}

/** The one string of a request to lock or to unlock. */
export function parsePassphrase(body: View): View {
  return orMalformed(() => {
    const reader = new SshReader(body);
    const passphrase = reader.string();
    reader.end();
    return passphrase;
  });
}

/** What the encoding of SSH does not allow, is not a request. */
export function orMalformed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof AgentRefusal ? error : new AgentRefusal("malformed");
  }
}
