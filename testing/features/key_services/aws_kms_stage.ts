import type { KeyService } from "../../../features/envelopes/mod.ts";
import { type AwsKmsOptions, openAwsKmsService } from "../../../features/key_services/mod.ts";
import { ascii } from "../../core/samples.ts";
import { AwsKmsDouble } from "./aws_kms_double.ts";
import { ServiceStage } from "./stage.ts";

/** A double of AWS KMS, and the services that ask it for one key. */
export class AwsKmsStage extends ServiceStage {
  readonly aws: AwsKmsDouble = new AwsKmsDouble();
  readonly key: string = this.aws.addKey();

  /** Forgets what a test did. */
  clear(): void {
    this.aws.clear();
    this.aws.sessionToken = null;
    this.aws.ahead = 0;
    const own = this.aws.keys.get(this.key);
    if (own !== undefined) own.state = "Enabled";
    this.secrets.purge();
  }

  readonly signer = (): { accessKeyId: string; secretAccessKey: Uint8Array<ArrayBuffer> } => ({
    accessKeyId: this.aws.signer.accessKeyId,
    secretAccessKey: ascii(this.aws.signer.secretAccessKey),
  });

  readonly service = (options: Partial<AwsKmsOptions> = {}): KeyService => {
    const { key, aws } = this;
    const own = { key, credentials: this.signer(), endpoint: aws.address, retries: 0 };
    return openAwsKmsService(this.secrets, { ...own, httpOnLoopback: true, ...options });
  };
}
