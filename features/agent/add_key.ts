import type { SecretBuffer } from "../../core/mod.ts";
import { deadlineAt } from "../../system/deadline.ts";
import { wallClock } from "../../system/timers.ts";
import { KEY_PAIR_TYPES, type KeyPairType } from "../custodian/vault/key_pair_types.ts";
import {
  copyOf,
  type Held,
  holdSshKey,
  isCertificateName,
  parseCertifiedPrivate,
  parseSshPrivate,
  SshReader,
  sshPublicBlob,
  type View,
} from "../keys/ssh.ts";
import type { AgentContext } from "./agent_context.ts";
import { isSignedByAuthority } from "./certificate.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { AgentRefusal } from "./protocol/agent_refusal.ts";
import { type Constraints, orMalformed, parseConstraints } from "./protocol/requests.ts";

/** The longest comment that is kept, in bytes. */
const MOST_COMMENT = 1024;

/**
 * Takes a key that a client sent, checks it, and hands it to the custodian.
 *
 * @param body of the request; it stays the caller's
 * @returns the fingerprint
 */
export async function addKey(
  context: AgentContext,
  body: SecretBuffer,
  isConstrained: boolean,
): Promise<string> {
  const { custodian, offered, lock } = context;
  const { held, certificate, comment, constraints } = body.expose((bytes) =>
    readKey(context, bytes as View, isConstrained),
  );
  const { secretKey } = held;
  try {
    const type = held.type as KeyPairType;
    const blob = certificate ?? sshPublicBlob(type, held.publicKey);
    if (blob === null || !KEY_PAIR_TYPES.includes(type)) throw new AgentRefusal("bad key");
    if (!offered.hasRoom(blob)) throw new AgentRefusal("exhausted");
    const { lifetime, confirm } = constraints;
    const expires = deadlineAt(lifetime === null ? Infinity : wallClock() + lifetime * 1000);
    const name = context.newName();
    await custodian.put(name, secretKey, {
      type,
      place: context.keyPlace,
      ...(lifetime === null ? {} : { expires: new Date(expires.wall) }),
    });
    // Other requests were carried out while the custodian took it.
    const refusal = lock.isLocked ? "locked" : offered.hasRoom(blob) ? null : "exhausted";
    if (refusal !== null) {
      await custodian.delete(name).catch(() => undefined); // one that has ended has it no more
      throw new AgentRefusal(refusal);
    }
    const fingerprint = fingerprintOf(blob);
    const certified = certificate !== null;
    const shown = { blob, type, certified, comment, fingerprint };
    offered.add({ ...shown, name, confirm, expires, isOfClient: true });
    return fingerprint;
  } finally {
    secretKey.destroy();
  }
}

interface ReadKey {
  readonly held: Held;
  /** On the wire. */
  readonly certificate: View | null;
  readonly comment: View;
  readonly constraints: Constraints;
}

/** Everything is read before the key is computed with. */
function readKey(context: AgentContext, bytes: View, isConstrained: boolean): ReadKey {
  const reader = new SshReader(bytes);
  const certified = isCertified(bytes) ? parseCertifiedPrivate(reader) : null;
  const material = certified?.material ?? parseSshPrivate(reader);
  const comment = orMalformed(() => copyOf(reader.string()));
  const constraints = isConstrained ? parseConstraints(reader) : NONE;
  orMalformed(() => reader.end());
  if (comment.length > MOST_COMMENT) throw new AgentRefusal("exhausted");
  if (constraints.confirm && context.confirm === undefined) throw new AgentRefusal("not confirmed");
  if (constraints.lifetime === 0) throw new AgentRefusal("unsupported");
  if (certified !== null && !isSignedByAuthority(certified.certificate)) {
    throw new AgentRefusal("bad key");
  }
  const certificate = certified?.blob ?? null;
  return { held: holdSshKey(context.secrets, material), certificate, comment, constraints };
}

function isCertified(bytes: View): boolean {
  return orMalformed(() => isCertificateName(new SshReader(bytes).string()));
}

const NONE: Constraints = { lifetime: null, confirm: false };
