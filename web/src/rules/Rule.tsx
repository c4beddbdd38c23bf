import { Anchor, Code, Stack, Title } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { Link } from 'react-router';
import { Empty } from '../parts/Empty.tsx';
import { Page } from '../parts/Page.tsx';
import { State } from '../parts/State.tsx';
import { groupOf, ruleOf } from './pages.ts';
import { Inline, Prose } from './Prose.tsx';
import classes from './Rules.module.css';

/** One rule: what it asks for, what it says, how to fix it, whose wish it is. */
export function Rule({ id }: { id: string }) {
  const rule = ruleOf(id);
  if (rule === undefined) {
    return (
      <Page title="There is no such rule">
        <Empty title={`No rule is called ${id}`}>
          <Back />
        </Empty>
      </Page>
    );
  }
  return (
    <>
      <Back />
      <Page title={rule.title} lead={groupOf(rule)?.heading} actions={<Code fz="sm">{rule.id}</Code>}>
        <div className={classes['page']}>
          <div className={classes['asked']}>
            <b>Required</b>
            <div>
              <Inline text={rule.required} />
            </div>
          </div>
          {rule.sections.map(({ heading, blocks }) => (
            <section key={heading} aria-label={heading}>
              <Title order={2} size="h4" mb={6}>
                {heading}
              </Title>
              {blocks.map((block) => (
                <Prose key={block.lines[0]} {...block} />
              ))}
            </section>
          ))}
          <section aria-label="What a report can say of it">
            <Title order={2} size="h4" mb={6}>
              What a report can say of it
            </Title>
            <Stack gap={6} align="flex-start">
              {rule.gives.map((status) => (
                <State key={status} state={status} />
              ))}
            </Stack>
          </section>
        </div>
      </Page>
    </>
  );
}

function Back() {
  return (
    <Anchor component={Link} to="/rules" size="sm" className={classes['back'] ?? ''}>
      <IconArrowLeft size={15} aria-hidden /> All rules
    </Anchor>
  );
}
