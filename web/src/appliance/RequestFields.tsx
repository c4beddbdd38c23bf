import { Group, Radio, SimpleGrid, Stack, Textarea, TextInput } from '@mantine/core';
import type { RequestDraft } from './NewKey.tsx';

interface RequestFieldsProps {
  readonly hostname: string;
  readonly draft: RequestDraft;
  readonly set: (field: keyof RequestDraft, value: string) => void;
}

/** What the certificate shall say: the fields that the vendor requires, and those that may be. */
export function RequestFields({ hostname, draft, set }: RequestFieldsProps) {
  const field = (name: keyof RequestDraft, label: string) => ({
    label,
    value: draft[name],
    onChange: ({ currentTarget }: { currentTarget: HTMLInputElement | HTMLTextAreaElement }) =>
      set(name, currentTarget.value),
  });
  return (
    <Stack>
      <TextInput label="Common name" value={hostname} readOnly description="The appliance’s host name" />
      <SimpleGrid cols={{ base: 1, xs: 3 }}>
        <TextInput
          {...field('country', 'Country')}
          required
          maxLength={2}
          minLength={2}
          pattern="[A-Z]{2}"
          title="Two capital letters, such as US"
          placeholder="US"
        />
        <TextInput {...field('organization', 'Organization')} required />
        <TextInput {...field('organizationalUnit', 'Organizational unit')} required />
        <TextInput {...field('state', 'State or province (optional)')} />
        <TextInput {...field('locality', 'Town (optional)')} />
        <TextInput {...field('emailAddress', 'E-mail (optional)')} type="email" />
      </SimpleGrid>
      <Textarea
        {...field('alternativeNames', 'Other names and addresses (optional)')}
        description="Under which people also reach it, with commas between. The host name is always among them."
        autosize
        minRows={1}
      />
      <Radio.Group label="RSA key size" value={draft.bits} onChange={(value) => set('bits', value)}>
        <Group mt={6}>
          <Radio value="2048" label="2048 bit" />
          <Radio value="4096" label="4096 bit" />
        </Group>
      </Radio.Group>
    </Stack>
  );
}
