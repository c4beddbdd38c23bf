import { Stack, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';
import { count } from '../parts/count.ts';
import { Empty } from '../parts/Empty.tsx';
import { Page } from '../parts/Page.tsx';
import { Section } from '../parts/Section.tsx';
import { RULE_GROUPS, type RulePage } from './pages.ts';
import { Inline } from './Prose.tsx';
import classes from './Rules.module.css';

/** Every rule in a line, by who asks for it; searched through their whole text. */
export function RuleList() {
  const [params, setParams] = useSearchParams();
  // Its own: the address follows too slowly for a quick typist.
  const [wanted, setWanted] = useState(params.get('q') ?? '');
  const search = (value: string): void => {
    setWanted(value);
    setParams(value === '' ? {} : { q: value }, { replace: true });
  };
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = RULE_GROUPS.map((group) => ({ ...group, rules: group.rules.filter((rule) => holds(rule, words)) }));
  const shown = groups.filter(({ rules }) => rules.length > 0);
  const total = shown.reduce((sum, { rules }) => sum + rules.length, 0);
  return (
    <Page
      title="Rules"
      lead="What a certificate, its key and its chain must meet, and why. Reports name the rules by these ids."
    >
      <Stack gap="lg">
        <div>
          <TextInput
            type="search"
            label="Search"
            placeholder="wildcard, passphrase, CRL …"
            leftSection={<IconSearch size={16} aria-hidden />}
            maw={420}
            value={wanted}
            onChange={({ currentTarget }) => search(currentTarget.value)}
          />
          <Text size="sm" c="dimmed" mt={4} role="status">
            {count(total, 'rule')}
          </Text>
        </div>
        {shown.length === 0 && <Empty title="No rule speaks of that">Try another word, or fewer.</Empty>}
        {shown.map(({ heading, rules }) => (
          <Section key={heading} title={heading}>
            <ul className={classes['list']}>
              {rules.map((rule) => (
                <li key={rule.id}>
                  <Link to={`/rules/${rule.id}`} className={classes['link']}>
                    <span className={classes['title']}>{rule.title}</span>
                    <code className={classes['id']}>{rule.id}</code>
                    <span className={classes['required']}>
                      <Inline text={rule.required} links={false} />
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          </Section>
        ))}
      </Stack>
    </Page>
  );
}

const holds = (rule: RulePage, words: readonly string[]): boolean => words.every((word) => rule.text.includes(word));
