import { wrongType } from "../../core/arguments/argument_error.ts";
import { kindOf } from "../../core/arguments/kind_of.ts";
import { checkOpen } from "../../core/check_open.ts";
import { FILE_KEY_BYTES, type KeyWrapper, type Stanza } from "../../core/contract/key_wrapper.ts";
import { inBackground } from "../../core/in_background.ts";
import { isSecretBuffer, type SecretBuffer, type Secrets } from "../../core/mod.ts";
import { VERB } from "./limits.ts";

/**
 * What a wrapper unwraps, in `secrets`. Wrappers are written by others: what one landed and did not give is destroyed, also when it
 * failed.
 *
 * @throws {TypeError} for what is no file key, or did not come through `land`
 */
export async function askWrapper(
  secrets: Secrets,
  wrapper: KeyWrapper,
  stanzas: readonly Stanza[],
): Promise<SecretBuffer | null> {
  const landed = new Set<SecretBuffer>();
  try {
    const answer: unknown = await wrapper.unwrap(stanzas, (byteLength, fill) => {
      checkOpen(secrets, VERB);
      const secret = secrets.land(byteLength, fill);
      landed.add(secret);
      return secret;
    });
    if (answer === null) return null;
    if (isSecretBuffer(answer)) {
      if (landed.has(answer) && answer.byteLength === FILE_KEY_BYTES) {
        landed.delete(answer);
        return answer;
      }
      landed.add(answer);
    }
    throw wrongType(
      `Cannot ${VERB} as unwrap() of the wrapper must give null or a secret of ${FILE_KEY_BYTES} bytes that land() made: it gave ${kindOf(answer)}`,
    );
  } finally {
    for (const secret of landed) {
      inBackground(
        () => secret.destroy(),
        () => null,
      );
    }
  }
}
