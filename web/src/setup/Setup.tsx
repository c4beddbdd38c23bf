import { Center, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Navigate, useLocation, useNavigate } from 'react-router';
import { get } from '../api/request.ts';
import { useSession } from '../api/session.ts';
import { Entrance } from '../parts/Entrance.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { AdministratorStep } from './AdministratorStep.tsx';
import { AlreadySetUp } from './AlreadySetUp.tsx';
import { CertificateStep } from './CertificateStep.tsx';
import { LinkNeeded } from './LinkNeeded.tsx';
import { keepStep, keepToken, keptStep, keptToken, type Step, tokenOf } from './progress.ts';
import { Steps } from './Steps.tsx';
import { ValidationStep } from './ValidationStep.tsx';

const LEAD = 'Three questions, and the console is yours. Nothing else answers until there is an administrator.';

/** The first start: from the set-up link to a console that somebody may use. */
export default function Setup() {
  const { session, error } = useSession();
  const setup = useQuery({ queryKey: ['setup'], queryFn: () => get<{ done: boolean }>('/setup') });
  const { token, wrong, take } = useSetupToken();
  const [step, setStep] = useState<Step | undefined>(keptStep);
  const goTo = (step: Step): void => {
    keepStep(step);
    setStep(step);
  };
  if (error !== null || setup.error !== null) {
    return (
      <Entrance title="Set up Certgate" width={560}>
        <Trouble error={(error ?? setup.error)!} retry={() => location.reload()} />
      </Entrance>
    );
  }
  if (session === undefined || setup.data === undefined) {
    return (
      <Center h="100vh">
        <Loader aria-label="Loading" />
      </Center>
    );
  }
  if (session !== null && step === undefined) return <Navigate to="/" replace />;
  if (session !== null) {
    return (
      <Entrance title="Set up Certgate" lead={LEAD} width={640}>
        <Steps current={step === 'certificate' ? 1 : 2} />
        {step === 'certificate' ? (
          <CertificateStep onDone={() => goTo('validation')} />
        ) : (
          <ValidationStep onBack={() => goTo('certificate')} />
        )}
      </Entrance>
    );
  }
  if (setup.data.done) return <AlreadySetUp hasLink={token !== undefined || wrong !== undefined} />;
  return (
    <Entrance title="Set up Certgate" lead={LEAD} width={640}>
      <Steps current={0} />
      {token === undefined ? (
        <LinkNeeded wrong={wrong} onLink={take} />
      ) : (
        <AdministratorStep token={token} wrongLink={wrong} onLink={take} onMake={() => goTo('certificate')} />
      )}
    </Entrance>
  );
}

/** The token of the link that was opened, taken out of the address bar and the history at once. */
function useSetupToken() {
  const { hash } = useLocation();
  const navigate = useNavigate();
  const [token, setToken] = useState<string | undefined>(() => keptToken() ?? undefined);
  const [wrong, setWrong] = useState<string>();
  const take = (link: string): void => {
    const read = tokenOf(link);
    setWrong('wrong' in read ? read.wrong : undefined);
    if ('wrong' in read) return;
    keepToken(read.token);
    setToken(read.token);
  };
  // Also where the link is opened in a tab that shows this page already: the browser then loads nothing.
  useEffect(() => {
    if (hash === '') return;
    take(hash);
    void navigate('/setup', { replace: true });
  }, [hash, navigate]);
  return { token, wrong, take };
}
