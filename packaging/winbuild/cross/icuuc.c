/* Windows 10 has icuuc.dll, Wine 8 has not, and Qt loads it when it starts. This stand-in opens no converter, so
 * that Qt falls back on its own. It lives in the Wine prefix's system32 and nowhere else. */
#define OUT __declspec(dllexport)
#define U_UNSUPPORTED_ERROR 16

OUT void *ucnv_open(const char *name, int *error)
{
    (void)name;
    if (error)
        *error = U_UNSUPPORTED_ERROR;
    return 0;
}

OUT const char *ucnv_getName(const void *converter, int *error)
{
    (void)converter;
    if (error)
        *error = U_UNSUPPORTED_ERROR;
    return 0;
}

OUT signed char ucnv_getMaxCharSize(const void *converter)
{
    (void)converter;
    return 4;
}

OUT int ucnv_countAvailable(void) { return 0; }
OUT int ucnv_toUCountPending(const void *converter, int *error) { (void)converter; (void)error; return 0; }
OUT const char *ucnv_getAvailableName(int number) { (void)number; return 0; }
OUT const char *ucnv_getStandardName(const char *name, const char *standard, int *error) { (void)name; (void)standard; (void)error; return 0; }
OUT void ucnv_close(void *converter) { (void)converter; }
OUT void ucnv_reset(void *converter) { (void)converter; }
OUT void ucnv_getToUCallBack(void) {}
OUT void ucnv_getFromUCallBack(void) {}
OUT void ucnv_setToUCallBack(void) {}
OUT void ucnv_setFromUCallBack(void) {}
OUT void ucnv_cbToUWriteUChars(void) {}
OUT void ucnv_cbFromUWriteUChars(void) {}
OUT void ucnv_toUnicode(void) {}
OUT void ucnv_fromUnicode(void) {}
OUT void UCNV_FROM_U_CALLBACK_SUBSTITUTE(void) {}
OUT void UCNV_TO_U_CALLBACK_SUBSTITUTE(void) {}
