// Which instance a demo service runs on, asked from IMDSv2 like any program on EC2 would. Its
// answers carry this name, so that the client knows who answered it without asking the region.

export interface Identity {
  readonly instanceId: string;
  readonly zone: string;
}

// IMDS answers within milliseconds; a service that waits longer should fail and be started again.
const answerWithinMs = 2000;

export async function askIdentity(environment: NodeJS.ProcessEnv): Promise<Identity> {
  const endpoint = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? "http://169.254.169.254";
  const base = endpoint.replace(/\/$/, "");
  const token = await text(`${base}/latest/api/token`, {
    method: "PUT",
    headers: { "x-aws-ec2-metadata-token-ttl-seconds": "60" },
  });
  const headers = { "x-aws-ec2-metadata-token": token };
  const [instanceId, zone] = await Promise.all([
    text(`${base}/latest/meta-data/instance-id`, { headers }),
    text(`${base}/latest/meta-data/placement/availability-zone`, { headers }),
  ]);
  return { instanceId, zone };
}

async function text(url: string, request: RequestInit): Promise<string> {
  const response = await fetch(url, { ...request, signal: AbortSignal.timeout(answerWithinMs) });
  if (!response.ok) throw new Error(`Cannot ask "${url}": status ${response.status}`);
  return response.text();
}
