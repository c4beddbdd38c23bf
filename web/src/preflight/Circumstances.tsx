import {
  Button,
  Group,
  Input,
  PasswordInput,
  SegmentedControl,
  Select,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { SHIPPED_PROFILES } from '../../../src/core/requirements/profiles/shipped.data.ts';
import { visible } from '../../../src/core/base/visible.ts';
import { DropFiles } from '../check/DropFiles.tsx';
import type { CheckCircumstances, NamedFile } from '../check/request.ts';

/** What was chosen in the form, as it stands there. */
export interface Chosen {
  readonly passphrase: string;
  readonly hostname: string;
  readonly role: '' | 'sensor' | 'ha';
  readonly profile: string;
  readonly crl: '' | 'on' | 'off';
  readonly crls: readonly NamedFile[];
  readonly trust: readonly NamedFile[];
  /** As `datetime-local` has it, in the user's zone; empty: now. */
  readonly at: string;
}

export const NOTHING_CHOSEN: Chosen = {
  passphrase: '',
  hostname: '',
  role: '',
  profile: SHIPPED_PROFILES[0]!.id,
  crl: '',
  crls: [],
  trust: [],
  at: '',
};

export function toCheck(chosen: Chosen): CheckCircumstances & { passphrase: string } {
  const { passphrase, hostname, role, profile, crl, crls, trust, at } = chosen;
  const time = at === '' ? undefined : new Date(at);
  return {
    passphrase,
    profile,
    ...(hostname.trim() !== '' && { hostname: hostname.trim() }),
    ...(role !== '' && { role }),
    ...(crl !== '' && { crl }),
    ...(crls.length > 0 && crl !== 'off' && { crls: crls.map(({ bytes }) => bytes) }),
    ...(trust.length > 0 && { trust: trust.map(({ bytes }) => bytes) }),
    ...(time !== undefined && !Number.isNaN(time.getTime()) && { at: time.toISOString() }),
  };
}

interface CircumstancesProps {
  readonly chosen: Chosen;
  /** The key needs a passphrase. */
  readonly encrypted: boolean;
  readonly onChange: (chosen: Chosen) => void;
}

/** What the files are checked for. Everything may be left as it is. */
export function Circumstances({ chosen, encrypted, onChange }: CircumstancesProps) {
  const set = (part: Partial<Chosen>): void => onChange({ ...chosen, ...part });
  return (
    <form autoComplete="off" onSubmit={(event) => event.preventDefault()}>
      <Stack gap="md">
        <Title order={2} size="h4">
          Checked for
        </Title>
        {(encrypted || chosen.passphrase !== '') && (
          <PasswordInput
            label="Passphrase of the key"
            description="This key is encrypted; only with its passphrase can anybody look inside. It stays in this page."
            autoComplete="off"
            value={chosen.passphrase}
            onChange={({ currentTarget }) => set({ passphrase: currentTarget.value })}
          />
        )}
        <ForAppliance chosen={chosen} set={set} />
        <Against chosen={chosen} set={set} />
      </Stack>
    </form>
  );
}

interface FieldsProps {
  readonly chosen: Chosen;
  readonly set: (part: Partial<Chosen>) => void;
}

/** The appliance that the files are meant for. */
function ForAppliance({ chosen, set }: FieldsProps) {
  return (
    <>
      <TextInput
        label="Host name of the appliance"
        description="The name that people type into the browser. Without it the certificate's own name counts."
        placeholder="sensor.contoso.com"
        autoComplete="off"
        spellCheck={false}
        value={chosen.hostname}
        onChange={({ currentTarget }) => set({ hostname: currentTarget.value })}
      />
      <Choice
        label="The appliance is"
        value={chosen.role}
        data={[
          ['', 'not said'],
          ['sensor', 'a sensor'],
          ['ha', 'an HA server'],
        ]}
        onChange={(value) => set({ role: value as Chosen['role'] })}
      />
    </>
  );
}

/** CRLs, anchors, the time and the rules. */
function Against({ chosen: { crl, crls, trust, at, profile }, set }: FieldsProps) {
  return (
    <>
      <Choice
        label="Does your organisation check CRLs?"
        value={crl}
        data={[
          ['', 'not said'],
          ['on', 'yes'],
          ['off', 'no'],
        ]}
        onChange={(value) => set({ crl: value as Chosen['crl'] })}
      />
      {crl !== 'off' && (
        <Files
          title="CRL files"
          hint="Lists of revoked certificates, in PEM or DER. This page fetches nothing by itself."
          files={crls}
          onChange={(files) => set({ crls: files })}
        />
      )}
      <Files
        title="Trust anchors"
        hint="Your own root certificates. Without them the root that the chain brings is trusted, as on the appliance."
        files={trust}
        onChange={(files) => set({ trust: files })}
      />
      <TextInput
        type="datetime-local"
        label="At this time"
        description="Empty: now. Choose a day after the change to see what will be true then."
        value={at}
        onChange={({ currentTarget }) => set({ at: currentTarget.value })}
      />
      <Select
        label="Profile"
        description={SHIPPED_PROFILES.find(({ id }) => id === profile)?.title}
        inputWrapperOrder={['label', 'input', 'description']}
        data={SHIPPED_PROFILES.map(({ id }) => id)}
        value={profile}
        allowDeselect={false}
        onChange={(value) => value !== null && set({ profile: value })}
      />
    </>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly data: readonly (readonly [value: string, label: string])[];
  readonly onChange: (value: string) => void;
}

function Choice({ label, value, data, onChange }: ChoiceProps) {
  return (
    <Input.Wrapper label={label} labelElement="div">
      <SegmentedControl
        fullWidth
        aria-label={label}
        value={value}
        data={data.map(([value, label]) => ({ value, label }))}
        onChange={onChange}
      />
    </Input.Wrapper>
  );
}

interface ChosenFilesProps {
  readonly title: string;
  readonly hint: string;
  readonly files: readonly NamedFile[];
  readonly onChange: (files: readonly NamedFile[]) => void;
}

function Files({ title, hint, files, onChange }: ChosenFilesProps) {
  return (
    <div>
      <DropFiles
        compact
        title={title}
        hint={hint}
        button={`Choose ${title.replace('Trust', 'trust')}`}
        onFiles={(added) => onChange([...files, ...added])}
      />
      {files.map(({ name }, i) => (
        <Group key={name + i} gap="xs" justify="space-between" wrap="nowrap" mt={4}>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {visible(name)}
          </Text>
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            onClick={() => onChange(files.filter((_, at) => at !== i))}
            aria-label={`Take ${visible(name)} away`}
          >
            Take away
          </Button>
        </Group>
      ))}
    </div>
  );
}
