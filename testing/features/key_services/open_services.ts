// Opens the services of a folder that `Services` made, in whatever runtime. It imports nothing of a runtime.
import type { Secrets } from "../../../core/mod.ts";
import {
  type KeyService,
  openAwsKmsService,
  openGcpKmsService,
  openTransitService,
} from "../../../features/key_services/mod.ts";
import type { PublicPart } from "./services.ts";

/** Each service, under its first key and under its second. @param load reads a file off the collected heap */
export function openServices(
  secrets: Secrets,
  said: PublicPart,
  load: (name: string) => Uint8Array<ArrayBuffer>,
): readonly (readonly [name: string, first: KeyService, second: KeyService])[] {
  const common = { httpOnLoopback: true, timeout: 30_000, retries: 0 } as const;
  const pair = (
    keys: readonly [string, string],
    open: (key: string) => KeyService,
  ): readonly [KeyService, KeyService] => [open(keys[0]), open(keys[1])];
  const vault = pair(said.vaultKeys, (key) =>
    openTransitService(secrets, {
      ...common,
      address: said.vault,
      key,
      token: load("vault-token"),
    }),
  );
  const aws = pair(said.awsKeys, (key) => {
    const secretAccessKey = load("secret-access-key");
    const sessionToken = load("session-token");
    const credentials = { accessKeyId: said.accessKeyId, secretAccessKey, sessionToken };
    return openAwsKmsService(secrets, { ...common, endpoint: said.aws, key, credentials });
  });
  const gcp = pair(said.gcpKeys, (key) =>
    openGcpKmsService(secrets, { ...common, endpoint: said.gcp, key, token: load("gcp-token") }),
  );
  return [
    ["transit", ...vault],
    ["AWS KMS", ...aws],
    ["Google Cloud KMS", ...gcp],
  ];
}
