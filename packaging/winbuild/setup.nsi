; The setup program: for one user, without administrator rights. Silent: /S. Another folder: /D=C:\folder (last, no
; quotation marks). Not on the PATH, now and later: /NOPATH; on it again: /PATH. Exit status 5: the program is open, may
; not be written, or is being installed or removed; 2: it was not installed, or not removed whole. Given from outside:
; VERSION and other strings, ICON, SIDE (a picture), OUT, LONGEST_FOLDER (how many characters the name of the folder may
; have that is written in), LIST and LIST_FILE (what the list of files is called, and where it is now), and FILES, which
; has the macros WriteFiles and EachPart (for what stands in the program's folder itself).
Unicode true
!ifndef TARGET
  !define TARGET amd64-unicode
!endif
Target ${TARGET}
!include LogicLib.nsh
!include FileFunc.nsh
!include MUI2.nsh
!include StrFunc.nsh
!include WinMessages.nsh
!include WinVer.nsh
!include x64.nsh
${StrStr}
${StrRep}
${UnStrStr}
${UnStrRep}

!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\Linkage GUI"
!define OWN_KEY "Software\Linkage GUI"
!define APP_PATHS "Software\Microsoft\Windows\CurrentVersion\App Paths"
; A new version is written beside the old one whole, and only then takes its place. In each of the two folders are a mark
; that it is ours, without which nothing in it is touched, and "files". In "old" there is also, for as long as a change
; has not come to its end, UNFINISHED: what is in "files" was in use, and is put back. Of such a change, all that was in
; use is moved out first; then MOVING_IN is written, with the names of what may be moved in from then on.
!define NEW "$INSTDIR\linkage-gui-new"
!define OLD "$INSTDIR\linkage-gui-old"
!define MARK "of-linkage-gui-setup.txt"
!define UNFINISHED "${OLD}\unfinished.txt"
!define MOVING_IN "${OLD}\moving-in.txt"
!define TURN "Local\Linkage GUI setup"
!define TURN_SECONDS 60

Name "Linkage GUI"
OutFile "${OUT}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\Linkage GUI"
InstallDirRegKey HKCU "${OWN_KEY}" "InstallDir"
!ifdef QUICK
  SetCompressor zlib
!else
  SetCompressor /SOLID lzma
  SetCompressorDictSize 64
!endif
ManifestDPIAware true
ManifestSupportedOS Win10
BrandingText " "
AllowSkipFiles off ; a program that lacks a file is no program
VIProductVersion "${VERSION4}"
VIAddVersionKey /LANG=2057 "ProductName" "Linkage GUI"
VIAddVersionKey /LANG=2057 "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=2057 "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=2057 "FileDescription" "Installs Linkage GUI"
VIAddVersionKey /LANG=2057 "CompanyName" "${PUBLISHER}"
VIAddVersionKey /LANG=2057 "LegalCopyright" "${COPYRIGHT}"
!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_WELCOMEFINISHPAGE_BITMAP "${SIDE}"

!define MUI_WELCOMEPAGE_TEXT "This installs Linkage GUI ${VERSION} for you alone. It needs no administrator rights.$\r$\n$\r$\nDecisions that are recorded already are kept."
!insertmacro MUI_PAGE_WELCOME
!define MUI_PAGE_CUSTOMFUNCTION_LEAVE LeaveFolder
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\Linkage GUI.exe"
!define MUI_FINISHPAGE_RUN_TEXT "Open Linkage GUI"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

!include "${FILES}"

Var Refused ; why nothing can be done, to be read; empty when nothing is in the way
Var Status ; the exit status then
Var Ours
Var From
Var To
Var Tries
Var Moved
Var LogFile
Var Asked
Var Turn ; the mutex
Var Part
Var List
Var Failed

; Setup programs and uninstallers go one after the other. Whoever holds the mutex goes; Windows takes it from one that
; ends.
!macro TakeTurn
  ${Do}
    ${If} $Tries >= ${TURN_SECONDS}
      StrCpy $Turn 0
      StrCpy $Status 5
      StrCpy $Refused "Linkage GUI is being installed or removed already.$\r$\n$\r$\nNothing was changed. Wait until that is done, then try again."
      ${ExitDo}
    ${EndIf}
    StrCpy $1 -1
    System::Call 'kernel32::CreateMutexW(p 0, i 0, w "${TURN}") p .r0'
    ${If} $0 P<> 0
      System::Call 'kernel32::WaitForSingleObject(p r0, i 1000) i .r1'
      ${If} $1 = 0
      ${OrIf} $1 = 128 ; of one that ended without giving it back
        StrCpy $Turn $0
        ${ExitDo}
      ${EndIf}
      System::Call 'kernel32::CloseHandle(p r0)'
    ${Else}
      Sleep 1000
    ${EndIf}
    ${If} $Tries = 0
      DetailPrint "Waiting for another setup program or uninstaller of Linkage GUI."
    ${EndIf}
    IntOp $Tries $Tries + 1
  ${Loop}
!macroend

; So that nobody waits for a box that a person has not read yet.
!macro GiveTurn
  ${If} $Turn P<> 0
    System::Call 'kernel32::ReleaseMutex(p $Turn)'
    StrCpy $Turn 0
  ${EndIf}
!macroend

; Deletes a folder that a setup program made, and nothing else. The mark goes last, so that what is left is still ours.
!macro DeleteOurs FOLDER
  ${If} ${FileExists} "${FOLDER}\${MARK}"
  ${AndIfNot} ${FileExists} "${FOLDER}\linkage-gui-data"
  ${AndIfNot} ${FileExists} "${FOLDER}\files\linkage-gui-data"
    RMDir /r "${FOLDER}\files"
    ${IfNot} ${FileExists} "${FOLDER}\files"
      Delete "${FOLDER}\moving-in.txt" ; of a change that came to its end, when setup did not
      Delete "${FOLDER}\${MARK}"
    ${EndIf}
  ${EndIf}
  RMDir "${FOLDER}" ; goes only when it is empty
!macroend

; The next line of the file $List in $Part, or out of the loop. Each line that is written here ends with two characters.
!macro ReadLine
  FileReadUTF16LE $List $Part
  ${If} $Part == ""
    ${ExitDo}
  ${EndIf}
  StrCpy $Part $Part -2
!macroend

; A program that runs cannot be written over, and half of a new one must not stand beside half of an old one.
!macro RefuseIfOpen EXE
  ${If} ${FileExists} "$INSTDIR\${EXE}"
    ClearErrors
    FileOpen $0 "$INSTDIR\${EXE}" a
    ${If} ${Errors}
      StrCpy $Status 5
      StrCpy $Refused "Linkage GUI is open, or you may not write in $INSTDIR.$\r$\n$\r$\nClose Linkage GUI, then try again."
    ${Else}
      FileClose $0
    ${EndIf}
  ${EndIf}
!macroend

!macro RefuseIfAnothers PART
  ${If} $Ours = 0
  ${AndIf} ${FileExists} "$INSTDIR\${PART}"
    StrCpy $Refused "Another program is in $INSTDIR.$\r$\n$\r$\nNothing was changed. Choose another folder."
  ${EndIf}
!macroend

; A folder of such a name that no setup program made, or in which somebody keeps a log.
!macro RefuseIfNotOurs FOLDER
  ${If} ${FileExists} "${FOLDER}\linkage-gui-data"
  ${OrIf} ${FileExists} "${FOLDER}\files\linkage-gui-data"
    StrCpy $Failed 1
  ${ElseIf} ${FileExists} "${FOLDER}\${MARK}"
    StrCpy $Failed 0
  ${Else}
    Push "${FOLDER}"
    Call HasSomething
    Pop $Failed
  ${EndIf}
  ${If} $Failed = 1
    StrCpy $Refused "Something that is not of this setup program is in the folder that it would use:$\r$\n${FOLDER}$\r$\n$\r$\nNothing was changed. Move that folder away, or choose another folder to install in."
  ${EndIf}
!macroend

!macro EndIfRefused
  ${If} $Refused != ""
    !insertmacro GiveTurn
    SetErrorLevel $Status
    MessageBox MB_OK|MB_ICONSTOP "$Refused" /SD IDOK
    Quit
  ${EndIf}
!macroend

; Whether there is something in the folder, or a file of its name, on the stack: 1 or 0.
Function HasSomething
  Exch $0
  Push $1
  Push $2
  StrCpy $2 0
  ${If} ${FileExists} "$0"
  ${AndIfNot} ${FileExists} "$0\*.*"
    StrCpy $2 1
  ${EndIf}
  FindFirst $1 $3 "$0\*.*"
  ${DoWhile} $3 != ""
    ${If} $3 != "."
    ${AndIf} $3 != ".."
      StrCpy $2 1
    ${EndIf}
    FindNext $1 $3
  ${Loop}
  FindClose $1
  StrCpy $0 $2
  Pop $2
  Pop $1
  Exch $0
FunctionEnd

Function .onInit
  ${IfNot} ${AtLeastWin10}
  ${OrIfNot} ${AtLeastBuild} 17763
  ${OrIfNot} ${RunningX64}
    SetErrorLevel 2
    MessageBox MB_OK|MB_ICONSTOP "Linkage GUI needs Windows 10, version 1809 or later, or Windows 11, with 64 bits.$\r$\n$\r$\nNothing was changed." /SD IDOK
    Quit
  ${EndIf}
FunctionEnd

; uninstall.exe goes on in a copy of itself among the temporary files, and has returned by the time that the copy takes
; its turn. So a copy of what is installed here that runs goes first. What runs cannot be opened to be written.
Function WaitForUninstaller
  ClearErrors
  FileOpen $0 "$INSTDIR\uninstall.exe" r
  ${If} ${Errors}
    Return
  ${EndIf}
  FileSeek $0 0 END $R0
  FileClose $0
  ${DoWhile} $Tries < ${TURN_SECONDS}
    StrCpy $R1 0
    FindFirst $R2 $R3 "$TEMP\~nsu*.tmp"
    ${DoWhile} $R3 != ""
      FindFirst $R4 $R5 "$TEMP\$R3\*.exe"
      ${DoWhile} $R5 != ""
        ClearErrors
        FileOpen $0 "$TEMP\$R3\$R5" a
        ${If} ${Errors}
          ClearErrors
          FileOpen $0 "$TEMP\$R3\$R5" r
          ${IfNot} ${Errors}
            FileSeek $0 0 END $1
            FileClose $0
            ${If} $1 = $R0
              StrCpy $R1 1
            ${EndIf}
          ${EndIf}
        ${Else}
          FileClose $0
        ${EndIf}
        FindNext $R4 $R5
      ${Loop}
      FindClose $R4
      FindNext $R2 $R3
    ${Loop}
    FindClose $R2
    ${If} $R1 = 0
    ${OrIfNot} ${FileExists} "$INSTDIR\uninstall.exe" ; it has come that far, though its last box may still be there
      Return
    ${EndIf}
    ${If} $Tries = 0
      DetailPrint "Waiting for another setup program or uninstaller of Linkage GUI."
    ${EndIf}
    Sleep 1000
    IntOp $Tries $Tries + 1
  ${Loop}
FunctionEnd

; Whether the folder will do. Changes nothing.
Function LookAtFolder
  StrCpy $Refused ""
  StrCpy $Status 2
  StrCpy $Ours 0
  ReadRegStr $0 HKCU "${OWN_KEY}" "InstallDir"
  ${If} $0 != ""
    GetFullPathName $1 "$0"
    GetFullPathName $2 "$INSTDIR" ; empty where the folder above it is not there
    ${If} $1 == $2
      StrCpy $Ours 1
    ${ElseIf} ${FileExists} "$0\Linkage GUI.exe" ; or what a virus scanner or an interrupted change left of it
    ${OrIf} ${FileExists} "$0\_internal"
    ${OrIf} ${FileExists} "$0\uninstall.exe"
    ${OrIf} ${FileExists} "$0\linkage-gui-old\${MARK}"
      ; Windows lists one program of a name for each user, so the first would be left behind without a way to remove it.
      StrCpy $Refused "Linkage GUI is installed in another folder:$\r$\n$0$\r$\n$\r$\nNothing was changed. Install into that folder, or remove Linkage GUI there first. The log of decisions is kept."
      Return
    ${EndIf}
  ${EndIf}
  GetFullPathName $2 "$INSTDIR"
  ReadRegStr $0 HKCU "${OWN_KEY}" "RemovedFrom" ; an uninstaller that stayed there is ours
  ${If} $0 != ""
  ${AndIf} $0 == $2
    StrCpy $Ours 1
  ${EndIf}
  ; A virus scanner may have taken the program away; then the rest is ours by what the registry says.
  ${If} ${FileExists} "$INSTDIR\Linkage GUI.exe"
  ${OrIf} ${FileExists} "${UNFINISHED}"
    StrCpy $Ours 1
  ${EndIf}
  !insertmacro EachPart RefuseIfAnothers
  !insertmacro RefuseIfNotOurs "${NEW}"
  !insertmacro RefuseIfNotOurs "${OLD}"
  ${If} $Refused != ""
    Return
  ${EndIf}
  StrLen $0 "${NEW}\files\"
  ${If} $0 > ${LONGEST_FOLDER}
    IntOp $0 $0 - ${LONGEST_FOLDER}
    StrCpy $Refused "The whole name of the folder is too long for Windows, by $0 characters.$\r$\n$\r$\nNothing was changed. Choose another folder."
    Return
  ${EndIf}
  !insertmacro RefuseIfOpen "Linkage GUI.exe"
  !insertmacro RefuseIfOpen "linkage-gui.exe"
FunctionEnd

Function LeaveFolder
  Call LookAtFolder
  ${If} $Refused != ""
    MessageBox MB_OK|MB_ICONSTOP "$Refused"
    Abort ; stays on the page
  ${EndIf}
FunctionEnd

; Moves $From to $To. A virus scanner has what is new open for a moment, so a few seconds are given.
Function Move
  StrCpy $Tries 0
  ${Do}
    ClearErrors
    Rename "$From" "$To"
    ${IfNot} ${Errors}
      Return
    ${EndIf}
    IntOp $Tries $Tries + 1
    ${If} $Tries = 20
      StrCpy $Moved 0
      Return
    ${EndIf}
    Sleep 250
  ${Loop}
FunctionEnd

!macro MoveOut PART
  StrCpy $Part "${PART}"
  Call MoveOut
!macroend

Function MoveOut
  ${If} $Moved = 1
  ${AndIf} $Part != ""
  ${AndIf} ${FileExists} "$INSTDIR\$Part"
    StrCpy $From "$INSTDIR\$Part"
    StrCpy $To "${OLD}\files\$Part"
    Call Move
  ${EndIf}
FunctionEnd

; Moves out what the version had that is in place, as its list says: this one may not know of all of it.
Function MoveOutListed
  ${IfNot} ${FileExists} "$INSTDIR\${LIST}"
    Return
  ${EndIf}
  InitPluginsDir
  CopyFiles /SILENT "$INSTDIR\${LIST}" "$PLUGINSDIR\there.txt" ; what is read cannot be moved
  ClearErrors
  FileOpen $List "$PLUGINSDIR\there.txt" r
  ${If} ${Errors}
    StrCpy $From "$INSTDIR\${LIST}"
    StrCpy $Moved 0
    Return
  ${EndIf}
  ${Do}
    !insertmacro ReadLine
    StrCpy $0 $Part 1 -1
    ${If} $0 == "\" ; a folder
      StrCpy $Part $Part -1
    ${EndIf}
    ${StrStr} $0 "$Part" "\"
    ${StrStr} $1 "$Part" ":"
    ${If} "$0$1" == "" ; else it is further down
    ${AndIf} $Part != ".."
    ${AndIf} $Part != "."
      Call MoveOut
    ${EndIf}
  ${Loop}
  FileClose $List
FunctionEnd

!macro WritePart PART
  FileWriteUTF16LE $List "${PART}$\r$\n"
!macroend

!macro MoveIn PART
  ${If} $Moved = 1
    StrCpy $From "${NEW}\files\${PART}"
    StrCpy $To "$INSTDIR\${PART}"
    Call Move
  ${EndIf}
!macroend

; A folder for files, with the mark; or the error flag.
!macro MakeOurs FOLDER
  ClearErrors
  CreateDirectory "${FOLDER}"
  FileOpen $0 "${FOLDER}\${MARK}" w
  ${IfNot} ${Errors}
    FileWrite $0 "The setup program of Linkage GUI made this folder, and deletes it with all that is in it.$\r$\n"
    FileClose $0
    CreateDirectory "${FOLDER}\files"
  ${Else}
    SetErrors ; which looking at it has cleared
  ${EndIf}
!macroend

; Deletes $0, or tells by $Moved that it is still there.
Function DeleteOrTell
  StrCpy $Tries 0
  ${DoWhile} ${FileExists} "$0"
    Delete "$0"
    ${If} ${FileExists} "$0"
      IntOp $Tries $Tries + 1
      ${If} $Tries = 20
        StrCpy $From "$0"
        StrCpy $Moved 0
        Return
      ${EndIf}
      Sleep 250
    ${EndIf}
  ${Loop}
FunctionEnd

; Puts back what was there before a change that failed or was interrupted. $Moved tells whether all of it is in place;
; where not, the marks stay, so that the next setup program goes on with it.
Function PutBack
  SetOutPath "$INSTDIR"
  StrCpy $Moved 1
  ${If} ${FileExists} "${MOVING_IN}" ; all of those names that are here are of the newer version
    !insertmacro MakeOurs "${NEW}"
    ClearErrors
    FileOpen $List "${MOVING_IN}" r
    ${If} ${Errors}
      StrCpy $From "${MOVING_IN}"
      StrCpy $Moved 0
    ${EndIf}
    ${DoWhile} $Moved = 1
      !insertmacro ReadLine
      ${If} $Part != ""
      ${AndIf} ${FileExists} "$INSTDIR\$Part"
        StrCpy $From "$INSTDIR\$Part"
        StrCpy $To "${NEW}\files\$Part"
        Call Move
      ${EndIf}
    ${Loop}
    FileClose $List
    ${If} $Moved = 1
      StrCpy $0 "${MOVING_IN}"
      Call DeleteOrTell
    ${EndIf}
  ${EndIf}
  ${DoWhile} $Moved = 1
    FindFirst $0 $Part "${OLD}\files\*.*"
    ${Do}
      ${If} $Part != "."
      ${AndIf} $Part != ".."
        ${ExitDo}
      ${EndIf}
      FindNext $0 $Part
    ${Loop}
    FindClose $0
    ${If} $Part == ""
      ${ExitDo}
    ${EndIf}
    StrCpy $From "${OLD}\files\$Part"
    StrCpy $To "$INSTDIR\$Part"
    Call Move
  ${Loop}
  ${If} $Moved = 1
    StrCpy $0 "${UNFINISHED}"
    Call DeleteOrTell
  ${EndIf}
  ${If} $Moved = 1
    !insertmacro DeleteOurs "${OLD}"
    !insertmacro DeleteOurs "${NEW}"
    RMDir "$INSTDIR"
  ${EndIf}
FunctionEnd

; A file could not be written: nothing of the old version has been touched yet.
Function .onInstFailed
  SetOutPath "$TEMP"
  !insertmacro DeleteOurs "${NEW}"
  RMDir "$INSTDIR"
  !insertmacro GiveTurn
  SetErrorLevel 2
  MessageBox MB_OK|MB_ICONSTOP "Not everything could be written to $INSTDIR, so nothing was changed.$\r$\n$\r$\nFree some space, or choose another folder, then try again." /SD IDOK
FunctionEnd

; Puts the folder on the person's PATH, unless it is there or the PATH is too long to be handled here without loss.
Function AddToPath
  ClearErrors
  ReadRegStr $0 HKCU "Environment" "Path"
  ${If} ${Errors}
    StrCpy $0 ""
    StrCpy $1 0
    ${Do}
      ClearErrors
      EnumRegValue $2 HKCU "Environment" $1
      ${If} ${Errors}
        ${ExitDo}
      ${EndIf}
      ${If} $2 == "Path"
        DetailPrint "The PATH is very long, so it was left as it is."
        Return
      ${EndIf}
      IntOp $1 $1 + 1
    ${Loop}
  ${EndIf}
  StrLen $1 $0
  StrLen $2 $INSTDIR
  IntOp $1 $1 + $2
  ${If} $1 > 1000
    DetailPrint "The PATH is very long, so it was left as it is."
    Return
  ${EndIf}
  ${StrStr} $1 ";$0;" ";$INSTDIR;"
  ${If} $1 == ""
    ${If} $0 == ""
      WriteRegExpandStr HKCU "Environment" "Path" "$INSTDIR"
    ${Else}
      WriteRegExpandStr HKCU "Environment" "Path" "$0;$INSTDIR"
    ${EndIf}
    SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=2000
  ${EndIf}
FunctionEnd

!macro RemoveFromPath REPLACE
  ClearErrors
  ReadRegStr $0 HKCU "Environment" "Path"
  StrLen $1 $0
  ${IfNot} ${Errors}
  ${AndIf} $1 <= 1000 ; what is longer is not handled here without loss
    ${${REPLACE}} $1 ";$0;" ";$INSTDIR;" ";"
    ${If} $1 != ";$0;"
      ${If} $1 == ";"
        DeleteRegValue HKCU "Environment" "Path"
      ${Else}
        StrCpy $1 $1 -1 1
        WriteRegExpandStr HKCU "Environment" "Path" "$1"
      ${EndIf}
      SendMessage ${HWND_BROADCAST} ${WM_SETTINGCHANGE} 0 "STR:Environment" /TIMEOUT=2000
    ${EndIf}
  ${EndIf}
!macroend

Section "Linkage GUI"
  SetShellVarContext current
  StrCpy $Refused ""
  StrCpy $Tries 0
  Call WaitForUninstaller
  !insertmacro TakeTurn
  !insertmacro EndIfRefused
  Call LookAtFolder
  !insertmacro EndIfRefused
  ${If} ${FileExists} "${UNFINISHED}"
    Call PutBack
    ${If} $Moved = 0
      StrCpy $Refused "An earlier change was interrupted, and what was there before cannot be put back, since another program has this open or you may not:$\r$\n$From$\r$\n$\r$\nLinkage GUI is not whole. Close other programs or restart Windows, then run this again."
      !insertmacro EndIfRefused
    ${EndIf}
  ${EndIf}
  !insertmacro DeleteOurs "${NEW}"
  !insertmacro DeleteOurs "${OLD}"
  ${If} ${FileExists} "${NEW}"
  ${OrIf} ${FileExists} "${OLD}" ; nothing of another version may get among what is written or moved
    StrCpy $Refused "What an earlier setup program left in linkage-gui-new or linkage-gui-old in $INSTDIR could not be deleted, since another program has it open or you may not.$\r$\n$\r$\nNothing was changed. Close other programs or restart Windows, then run this again."
    !insertmacro EndIfRefused
  ${EndIf}
  !insertmacro MakeOurs "${NEW}"
  ${IfNot} ${Errors}
    !insertmacro WriteFiles "${NEW}\files"
    SetOutPath "${NEW}\files"
    File "/oname=${LIST}" "${LIST_FILE}"
    WriteUninstaller "${NEW}\files\uninstall.exe"
  ${Else}
    SetErrors
  ${EndIf}
  ${If} ${Errors}
    Abort "Not everything could be written to $INSTDIR."
  ${EndIf}
  SetOutPath "$INSTDIR" ; Windows moves no folder that a program stands in
  !insertmacro MakeOurs "${OLD}"
  ${IfNot} ${Errors}
    FileOpen $0 "${UNFINISHED}" w
    FileClose $0
  ${Else}
    SetErrors
  ${EndIf}
  ${If} ${Errors}
    !insertmacro DeleteOurs "${OLD}"
    Abort "Not everything could be written to $INSTDIR."
  ${EndIf}
  StrCpy $Moved 1
  Call MoveOutListed
  !insertmacro EachPart MoveOut
  ${If} $Moved = 1
    ClearErrors
    FileOpen $List "${MOVING_IN}" w
    !insertmacro EachPart WritePart
    System::Call 'kernel32::FlushFileBuffers(p $List)'
    FileClose $List
    ${If} ${Errors}
      StrCpy $From "${MOVING_IN}"
      StrCpy $Moved 0
    ${EndIf}
  ${EndIf}
  !insertmacro EachPart MoveIn
  ${If} $Moved = 1
    StrCpy $0 "${UNFINISHED}"
    Call DeleteOrTell ; from here on the new version is the one in use
  ${EndIf}
  ${If} $Moved = 0
    StrCpy $Refused "This could not be moved, since another program has it open or you may not:$\r$\n$From$\r$\n$\r$\n"
    Call PutBack
    ${If} $Moved = 1
      StrCpy $Refused "$RefusedWhat was there before is in place. Close other programs, then run this again."
    ${Else}
      StrCpy $Refused "$RefusedWhat was there before could not be put back either, since this is held:$\r$\n$From$\r$\n$\r$\nLinkage GUI is not whole now. Close other programs or restart Windows, then run this again: it goes on where it stopped."
    ${EndIf}
    StrCpy $Status 2
    !insertmacro EndIfRefused
  ${EndIf}
  Delete "${MOVING_IN}"
  !insertmacro DeleteOurs "${OLD}" ; what is held stays until the next setup program or the removal
  !insertmacro DeleteOurs "${NEW}"
  DeleteRegValue HKCU "${OWN_KEY}" "KeptLog"
  DeleteRegValue HKCU "${OWN_KEY}" "RemovedFrom"
  ClearErrors
  CreateShortcut "$SMPROGRAMS\Linkage GUI.lnk" "$INSTDIR\Linkage GUI.exe" "" "$INSTDIR\Linkage GUI.exe" 0 SW_SHOWNORMAL "" "${DESCRIPTION}"
  WriteRegStr HKCU "${OWN_KEY}" "InstallDir" "$INSTDIR"
  WriteRegStr HKCU "${APP_PATHS}\linkage-gui.exe" "" "$INSTDIR\linkage-gui.exe"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayName" "Linkage GUI"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "Publisher" "${PUBLISHER}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "Comments" "${DESCRIPTION}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\Linkage GUI.exe"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoRepair" 1
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "EstimatedSize" ${SIZE_KB}
  ${If} ${Errors}
    StrCpy $Refused "Linkage GUI is in $INSTDIR, but not everything could be entered in the Start menu and among the installed programs.$\r$\n$\r$\nRun this again."
    StrCpy $Status 2
    !insertmacro EndIfRefused
  ${EndIf}
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/NOPATH" $1
  ${IfNot} ${Errors}
    WriteRegDWORD HKCU "${OWN_KEY}" "NoPath" 1
  ${EndIf}
  ClearErrors
  ${GetOptions} $0 "/PATH" $1
  ${IfNot} ${Errors}
    DeleteRegValue HKCU "${OWN_KEY}" "NoPath"
  ${EndIf}
  ReadRegDWORD $0 HKCU "${OWN_KEY}" "NoPath"
  ${If} $0 = 1
    !insertmacro RemoveFromPath StrRep
  ${Else}
    Call AddToPath
  ${EndIf}
SectionEnd

; What is not removed stays among the installed programs, so that it can be removed later.
!macro EndIfErrors
  ${If} ${Errors}
    ${If} $Asked == "answered"
      WriteRegStr HKCU "${OWN_KEY}" "KeptLog" "$LogFile" ; another time there may be no program to ask
    ${EndIf}
    StrCpy $Refused "Not everything could be removed from $INSTDIR, since another program has it open or you may not.$\r$\n$\r$\nClose other programs or restart Windows, and remove Linkage GUI again: it is still among the installed programs. The log of decisions was not touched."
    StrCpy $Status 2
    !insertmacro EndIfRefused
  ${EndIf}
!macroend

; The program itself knows where the log is. It answers in UTF-8, which nsExec takes for the machine's code page.
Function un.AskForLog
  nsExec::ExecToStack /TIMEOUT=30000 '"$INSTDIR\linkage-gui.exe" log where'
  Pop $0
  Pop $1
  ${If} $0 == 0
    System::Call 'kernel32::MultiByteToWideChar(i 65001, i 0, m r1, i -1, w .r2, i ${NSIS_MAX_STRLEN})'
    ${UnStrRep} $2 $2 "$\r" ""
    ${UnStrRep} $2 $2 "$\n" ""
    StrCpy $LogFile $2
    StrCpy $Asked "answered"
    Return
  ${EndIf}
  StrCpy $Asked "answered"
  ReadRegStr $LogFile HKCU "${OWN_KEY}" "KeptLog" ; from a removal that was not whole
  ${If} $LogFile == ""
    StrCpy $Asked "" ; such as with a policy that cannot be read
    StrCpy $LogFile "$LOCALAPPDATA\Linkage GUI\linkage-log.db"
  ${EndIf}
FunctionEnd

; Deletes what a list names, files first, then folders that are empty then. $Failed is 1 when a file is still there.
Function un.DeleteListed
  ClearErrors
  FileOpen $List "$From" r
  ${If} ${Errors}
    Return
  ${EndIf}
  ${Do}
    !insertmacro ReadLine
    ${UnStrStr} $0 "$Part" ".."
    ${UnStrStr} $1 "$Part" ":"
    ${If} "$0$1" == "" ; nothing outside the folder, whatever the list says
    ${AndIf} $Part != ""
      StrCpy $0 $Part 1 -1
      ${If} $0 == "\"
        RMDir "$INSTDIR\$Part"
      ${Else}
        ClearErrors
        Delete "$INSTDIR\$Part"
        ${If} ${Errors}
          StrCpy $Failed 1
        ${EndIf}
      ${EndIf}
    ${EndIf}
  ${Loop}
  FileClose $List
FunctionEnd

Section "Uninstall"
  SetShellVarContext current
  StrCpy $Refused ""
  StrCpy $Tries 0
  !insertmacro TakeTurn
  !insertmacro EndIfRefused
  !insertmacro RefuseIfOpen "Linkage GUI.exe"
  !insertmacro RefuseIfOpen "linkage-gui.exe"
  !insertmacro EndIfRefused
  Call un.AskForLog
  SetOutPath "$TEMP"
  StrCpy $Failed 0
  ; By the list of what is installed, which may be another version than this: one that was installed while this waited.
  StrCpy $From "$INSTDIR\${LIST}"
  Call un.DeleteListed
  InitPluginsDir
  File "/oname=$PLUGINSDIR\own.txt" "${LIST_FILE}" ; the list may have been lost
  StrCpy $From "$PLUGINSDIR\own.txt"
  Call un.DeleteListed
  ClearErrors
  ${If} $Failed = 1
    SetErrors
  ${EndIf}
  !insertmacro EndIfErrors
  ${If} ${FileExists} "${OLD}\${MARK}"
    Delete "${UNFINISHED}"
    Delete "${MOVING_IN}"
  ${EndIf}
  !insertmacro DeleteOurs "${NEW}"
  !insertmacro DeleteOurs "${OLD}"
  ClearErrors
  Delete "$INSTDIR\${LIST}"
  !insertmacro EndIfErrors
  ${If} $EXEDIR != $INSTDIR ; else this is the uninstaller itself, which whoever started it so deletes
    ClearErrors
    Delete "$INSTDIR\uninstall.exe"
    !insertmacro EndIfErrors
  ${EndIf}
  RMDir "$INSTDIR" ; goes only when nothing else is in it
  !insertmacro RemoveFromPath UnStrRep
  ReadRegStr $0 HKCU "${OWN_KEY}" "InstallDir"
  GetFullPathName $1 "$0"
  GetFullPathName $2 "$INSTDIR"
  ${If} $0 == ""
  ${OrIf} $1 == $2
    Delete "$SMPROGRAMS\Linkage GUI.lnk"
    DeleteRegKey HKCU "${APP_PATHS}\linkage-gui.exe"
    DeleteRegKey HKCU "${UNINSTALL_KEY}"
    DeleteRegKey HKCU "${OWN_KEY}"
    ${If} $EXEDIR == $INSTDIR
      WriteRegStr HKCU "${OWN_KEY}" "RemovedFrom" "$2"
    ${EndIf}
  ${EndIf}
  StrCpy $3 "Linkage GUI was removed.$\r$\n$\r$\n"
  ${If} $Asked == ""
    StrCpy $3 "$3It could not say where its log of decisions is. No log was removed."
  ${EndIf}
  ${If} ${FileExists} "$LogFile"
    WriteRegStr HKCU "${OWN_KEY}" "KeptLog" "$LogFile" ; where nobody watches, it is said here
    DetailPrint "A log of decisions was kept: $LogFile"
    ${If} $Asked == ""
      StrCpy $3 "$3 There is one in the usual folder:$\r$\n$LogFile"
    ${Else}
      StrCpy $3 "$3The log of decisions was kept. It is here:$\r$\n$LogFile"
    ${EndIf}
  ${ElseIf} $Asked != ""
    Return
  ${EndIf}
  !insertmacro GiveTurn
  MessageBox MB_OK|MB_ICONINFORMATION "$3" /SD IDOK
SectionEnd
