import { ActionIcon, CopyButton, Text, Title, Tooltip } from '@mantine/core';
import {
  IconCertificate,
  IconCheck,
  IconCopy,
  IconLink,
  IconLinkOff,
  IconQuestionMark,
  IconShieldCheck,
} from '@tabler/icons-react';
import { useId } from 'react';
import { visible } from '../../../src/core/base/visible.ts';
import { Moment } from '../parts/Moment.tsx';
import { State } from '../parts/State.tsx';
import { Words } from './Words.tsx';
import type { ChainCertificate, ChainLink, ChainPictureData } from './chain.ts';
import classes from './ChainPicture.module.css';

interface ChainPictureProps {
  readonly chain: ChainPictureData;
  /** Default: `Who signed whom`. */
  readonly title?: string;
}

/** Who signed whom: from the certificate up to the root, each link with its state. A list to those who hear it. */
export function ChainPicture({ chain, title = 'Who signed whom' }: ChainPictureProps) {
  const id = useId();
  const { certificates, links, missing, beside } = chain;
  return (
    <section aria-labelledby={id} className={classes['picture']}>
      <Title order={2} size="h4" id={id}>
        {title}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {summary(chain)}
      </Text>
      <ol className={classes['chain']}>
        {certificates.map((certificate, i) => (
          <li key={certificate.fingerprint + i} className={classes['step']}>
            {i > 0 && <Link state={links[i - 1]?.state ?? 'unknown'} />}
            <CertificateCard certificate={certificate} />
          </li>
        ))}
        {missing !== undefined && (
          <li className={classes['step']}>
            <Link state="missing" />
            <div className={`${classes['card']} ${classes['missing']}`}>
              <div className={classes['role']}>
                <IconQuestionMark size={16} aria-hidden /> Missing
              </div>
              <div className={classes['title']}>{visible(missing.name)}</div>
              <Text size="xs" c="dimmed">
                {visible(missing.why)}
              </Text>
            </div>
          </li>
        )}
      </ol>
      {beside.length > 0 && <Beside certificates={beside} />}
    </section>
  );
}

function summary({ certificates, links, missing, trust }: ChainPictureData): string {
  const broken = links.find(({ state }) => state === 'broken');
  const [leaf] = certificates;
  if (certificates.length === 1 && leaf !== undefined && leaf.subject === leaf.issuer && trust === 'none')
    return 'The certificate signed itself: nobody else vouches for it.';
  if (broken !== undefined)
    return `The chain is broken: ${visible(broken.why ?? 'a signature does not fit its issuer.')}`;
  if (missing !== undefined)
    return `The chain ends too early: the certificate of “${visible(missing.name)}” is missing.`;
  const marked = certificates.some(({ problems, revocation }) => problems.length > 0 || revocation === 'revoked');
  const but = marked ? ' But look at what is marked red.' : '';
  if (trust === 'anchors') return `Every signature fits, up to a trust anchor.${but}`;
  if (trust === 'own-chain')
    return `Every signature fits, up to the root that came along; the appliance takes that root on trust.${but}`;
  return `The signatures fit, and lead to no trust anchor.${but}`;
}

const LINK_WORDS = {
  verified: 'signed by',
  broken: 'not signed by',
  unknown: 'issued by',
  missing: 'issued by',
} as const;
const LINK_ICONS = {
  verified: IconLink,
  broken: IconLinkOff,
  unknown: IconQuestionMark,
  missing: IconLinkOff,
} as const;

function Link({ state }: { state: ChainLink['state'] | 'missing' }) {
  const Icon = LINK_ICONS[state];
  return (
    <div className={`${classes['link']} ${classes[state]}`}>
      <span className={classes['knot']}>
        <Icon size={16} stroke={2.2} aria-hidden />
        {LINK_WORDS[state]}
      </span>
    </div>
  );
}

const ROLES = { leaf: 'The certificate', intermediate: 'Intermediate CA', root: 'Root CA' } as const;

function CertificateCard({ certificate }: { certificate: ChainCertificate }) {
  const { role, anchor, title, subject, notBefore, notAfter, problems, revocation, file } = certificate;
  const bad = problems.length > 0 || revocation === 'revoked';
  const Icon = anchor ? IconShieldCheck : IconCertificate;
  return (
    <div className={`${classes['card']} ${bad ? classes['bad'] : ''} ${anchor ? classes['anchor'] : ''}`}>
      <div className={classes['role']}>
        <Icon size={16} aria-hidden />
        {anchor ? 'Trust anchor' : ROLES[role]}
        {file !== undefined && <span className={classes['file']}>{file === 'crt' ? '.crt' : 'chain'}</span>}
      </div>
      <Tooltip label={visible(subject)} multiline maw={420} events={{ hover: true, focus: true, touch: true }}>
        <div className={classes['title']}>{visible(title)}</div>
      </Tooltip>
      <Text size="xs">
        <Moment at={notBefore} show="date" /> – <Moment at={notAfter} show="date" />
      </Text>
      <Fingerprint value={certificate.fingerprint} of={title} />
      {revocation === 'revoked' && <State state="revoked" />}
      {revocation === 'unknown' && <State state="not-checked" label="Not known whether revoked" />}
      {problems.length > 0 && (
        <ul className={classes['problems']}>
          {problems.map((problem) => (
            <li key={problem}>
              <Words text={problem} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Fingerprint({ value, of }: { value: string; of: string }) {
  const spaced = (value.toUpperCase().replaceAll(':', '').match(/../g) ?? []).join(':');
  return (
    <div className={classes['fingerprint']}>
      <code title={`SHA-256 ${spaced}`}>
        {spaced.slice(0, 11)}…{spaced.slice(-5)}
      </code>
      <CopyButton value={spaced} timeout={2000}>
        {({ copied, copy }) => (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="xs"
            onClick={copy}
            aria-label={copied ? 'Copied' : `Copy the SHA-256 fingerprint of ${visible(of)}`}
          >
            {copied ? <IconCheck size={13} /> : <IconCopy size={13} />}
          </ActionIcon>
        )}
      </CopyButton>
    </div>
  );
}

/** Certificates in the files that belong to no link. */
function Beside({ certificates }: { certificates: readonly ChainCertificate[] }) {
  return (
    <div className={classes['beside']}>
      <Text size="sm" mb={6}>
        {certificates.length === 1 ? 'This one came along and signed' : 'These came along and signed'} nothing above:
      </Text>
      <ul className={classes['chain']}>
        {certificates.map((certificate) => (
          <li key={certificate.fingerprint} className={classes['step']}>
            <CertificateCard certificate={certificate} />
          </li>
        ))}
      </ul>
    </div>
  );
}
