import type { View } from "./bytes.ts";
import type { KeyType } from "./key.ts";

/** A private key as its bytes stand in a form, within a scope: not yet checked. */
export type Material = SeedMaterial | ScalarMaterial | RsaMaterial;

/** Ed25519 (RFC 8032) or X25519 (RFC 7748): 32 bytes. */
export interface SeedMaterial {
  readonly type: "ed25519" | "x25519";
  readonly seed: View;
  /** The public key that the form says. */
  readonly stated: View | null;
}

export interface ScalarMaterial {
  readonly type: "p256" | "p384" | "p521";
  /** Big-endian, at most as long as a coordinate. */
  readonly scalar: View;
  readonly stated: View | null;
}

/** Numbers without zeros in front. */
export interface RsaMaterial {
  readonly type: "rsa";
  readonly n: View;
  readonly e: View;
  readonly d: View;
  readonly p: View;
  readonly q: View;
  /** OpenSSH has neither. */
  readonly dp: View | null;
  readonly dq: View | null;
  readonly qi: View;
}

/** A public key as it stands in a form. */
export type PublicMaterial =
  | { readonly type: Exclude<KeyType, "rsa">; readonly point: View }
  | { readonly type: "rsa"; readonly n: View; readonly e: View };
