import { Button, Code, Container, Text, Title } from '@mantine/core';
import { Link, useRouteError } from 'react-router';

/** Something in the page itself went wrong; what the user entered on the server is untouched. */
export function Broken() {
  const error = useRouteError();
  return (
    <Container size="sm" py="xl">
      <Title order={1} size="h2" mb="sm">
        This page broke
      </Title>
      <Text mb="md">
        The fault is ours, not yours. Nothing was changed on the server. Load the page again; if it breaks again, tell
        us what stands below.
      </Text>
      <Code block mb="md">
        {error instanceof Error ? error.message : 'unknown'}
      </Code>
      <Button onClick={() => location.reload()}>Load again</Button>
    </Container>
  );
}

export function NotFound() {
  return (
    <Container size="sm" py="xl">
      <Title order={1} size="h2" mb="sm">
        There is no such page
      </Title>
      <Text mb="md">The address may be from an older version, or what it named was removed.</Text>
      <Button component={Link} to="/">
        Overview
      </Button>
    </Container>
  );
}
