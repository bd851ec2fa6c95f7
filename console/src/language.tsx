import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';
import { chosenLanguage, rememberLanguage } from './storage';
import { dictionaries, languages, startingLanguage, type Language, type Words } from './words';

interface Choice {
  language: Language;
  choose: (language: Language) => void;
}

const Chosen = createContext<Choice>({ language: 'fr', choose: () => undefined });

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(() => startingLanguage(chosenLanguage()));
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);

  function choose(wished: Language) {
    rememberLanguage(wished);
    setLanguage(wished);
  }
  return <Chosen value={{ language, choose }}>{children}</Chosen>;
}

export function useWords(): Words {
  return dictionaries[useContext(Chosen).language];
}

const names: Record<Language, string> = { fr: 'Français', en: 'English' };

export function LanguageSwitch() {
  const { language, choose } = useContext(Chosen);
  const words = useWords();
  return (
    <div className="language" role="group" aria-label={words.language}>
      {languages.map((each) => (
        <button key={each} type="button" lang={each} aria-pressed={each === language} onClick={() => choose(each)}>
          <abbr title={names[each]}>{each.toUpperCase()}</abbr>
        </button>
      ))}
    </div>
  );
}
