// The three doubles together, what a program needs to use them, and the program's part.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AwsKmsDouble } from "./aws_kms_double.ts";
import { GcpKmsDouble } from "./gcp_kms_double.ts";
import { TransitDouble } from "./transit_double.ts";

/** What is public of them: it stands in `public.json`. The credentials lie in files of their own. */
export interface PublicPart {
  readonly vault: string;
  readonly aws: string;
  readonly gcp: string;
  readonly accessKeyId: string;
  /** Two keys of each. */
  readonly vaultKeys: readonly [string, string];
  readonly awsKeys: readonly [string, string];
  readonly gcpKeys: readonly [string, string];
}

/** Three running doubles, and a folder that says how to reach them. */
export class Services {
  readonly vault: TransitDouble = new TransitDouble();
  readonly aws: AwsKmsDouble = new AwsKmsDouble();
  readonly gcp: GcpKmsDouble = new GcpKmsDouble();
  readonly folder: string = mkdtempSync(join(tmpdir(), "lethe-key-services-"));
  readonly sessionToken: string = `FwoGZXIv${randomBytes(300).toString("base64")}`;

  static async start(): Promise<Services> {
    const services = new Services();
    const { vault, aws, gcp, folder } = services;
    for (const double of [vault, aws, gcp]) await double.start();
    aws.sessionToken = services.sessionToken;
    for (const key of ["one", "two"]) vault.addKey(key);
    const said: PublicPart = {
      vault: vault.address,
      aws: aws.address,
      gcp: gcp.address,
      accessKeyId: aws.signer.accessKeyId,
      vaultKeys: ["one", "two"],
      awsKeys: [aws.addKey(), aws.addKey()],
      gcpKeys: [gcp.addKey("one"), gcp.addKey("two")],
    };
    for (const [name, text] of [
      ["public.json", JSON.stringify(said)],
      ["vault-token", vault.token],
      ["gcp-token", gcp.token],
      ["secret-access-key", aws.signer.secretAccessKey],
      ["session-token", services.sessionToken],
    ] as const) {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
    }
    return services;
  }

  async stop(): Promise<void> {
    for (const double of [this.vault, this.aws, this.gcp]) await double.stop();
    rmSync(this.folder, { recursive: true });
  }
}
