import type { SecretMemory, Secrets } from "../../core/mod.ts";
import type { TargetMisdeed, TargetReplies } from "./requests.ts";

/**
 * Does what must kill the process. That it returns is the failure.
 *
 * @param crashing opens secrets with `onMisuse: "crash"`
 */
export function commit(
  misdeed: TargetMisdeed,
  memory: SecretMemory,
  crashing: () => Secrets,
): TargetReplies["commit"] {
  let seen = 0;
  switch (misdeed) {
    case "touch at rest": {
      // The lifecycle detaches a view before it closes the pages, so that JavaScript has nothing
      // left to touch them with. Here the region is asked directly, and its view kept: it stands
      // for native code that holds the address.
      const region = memory.allocate(32);
      region.protect("read-write");
      const view = region.view();
      view.fill(1);
      region.protect("no-access");
      seen = view[0] ?? 0;
      break;
    }
    case "write while exposed": {
      crashing()
        .random(32)
        .expose((bytes: Uint8Array) => {
          bytes[0] = (bytes[0] ?? 0) ^ 1;
        });
      break;
    }
    case "modify when frozen": {
      const secret = crashing().random(32).freeze();
      secret.modify(() => undefined);
      break;
    }
    case "use after destroy": {
      const secret = crashing().random(32);
      secret.destroy();
      secret.expose(() => undefined);
      break;
    }
  }
  // The value is part of the answer so that no compiler leaves the read out.
  return { survived: misdeed, seen };
}
