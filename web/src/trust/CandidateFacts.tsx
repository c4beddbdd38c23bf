import { Alert } from '@mantine/core';
import { IconAlertTriangle, IconCircleX } from '@tabler/icons-react';
import { Moment } from '../parts/Moment.tsx';
import type { Candidate } from './api.ts';
import classes from './CandidateFacts.module.css';
import rows from '../parts/rows.module.css';

/** What a file holds, before anybody trusts it. */
export function CandidateFacts({ candidate }: { candidate: Candidate }) {
  const { subject, issuer, fingerprint, notBefore, notAfter, selfSigned, problem, warnings } = candidate;
  return (
    <>
      <dl className={rows['facts']}>
        <div className={rows['wide']}>
          <dt>This is the certificate of</dt>
          <dd>{subject}</dd>
        </div>
        <div>
          <dt>Signed by</dt>
          <dd>{selfSigned ? 'itself: a root' : issuer}</dd>
        </div>
        <div>
          <dt>Valid</dt>
          <dd>
            <Moment at={notBefore} show="date" /> to <Moment at={notAfter} show="date" />
          </dd>
        </div>
        <div className={rows['wide']}>
          <dt>SHA-256 fingerprint</dt>
          <dd className={classes['groups']}>
            {fingerprint
              .replaceAll(':', '')
              .match(/.{1,8}/g)!
              .map((group, index) => (
                <span key={index}>{group.replaceAll(/(..)(?=.)/g, '$1:')}</span>
              ))}
          </dd>
        </div>
      </dl>
      {problem !== undefined && (
        <Alert color="red" icon={<IconCircleX aria-hidden />} title="This cannot be a trust anchor" role="alert">
          {problem}
        </Alert>
      )}
      {warnings.map((warning) => (
        <Alert key={warning} color="yellow" icon={<IconAlertTriangle aria-hidden />}>
          {warning}
        </Alert>
      ))}
    </>
  );
}
