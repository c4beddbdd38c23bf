import type { ActivationResult, UploadResult } from '../../service/inventory/gate.ts';
import type { Problem } from '../contract/problem.ts';
import { toTime } from '../contract/values.ts';
import { RequestError } from './problems.ts';

/** A refusal is a problem that carries its findings. @throws {RequestError} unless the certificate was let in */
export function demandLetIn(result: UploadResult | ActivationResult): void {
  const { outcome, report, unknownRoot } = result;
  if (outcome === 'activated' || outcome === 'staged') return;
  const refused = outcome === 'refused';
  const why = report.findings[0]?.message ?? 'The certificate was not let in.';
  throw new RequestError(
    422,
    refused ? 'certificate-refused' : 'reason-needed',
    refused
      ? `${why} Nothing was changed.`
      : `${why} This might work, but the vendor does not support it. To use it all the same, send a reason; it goes into the audit log. Nothing was changed.`,
    {
      title: refused ? 'The certificate was refused' : 'The certificate is unsupported',
      findings: report.findings as NonNullable<Problem['findings']>,
      ...('uploadId' in result && { uploadId: result.uploadId }),
      ...(unknownRoot !== undefined && {
        unknownRoot: {
          ...unknownRoot,
          warnings: [...unknownRoot.warnings],
          notBefore: toTime(unknownRoot.notBefore),
          notAfter: toTime(unknownRoot.notAfter),
        },
      }),
    },
  );
}
