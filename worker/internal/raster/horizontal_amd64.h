// The loops of the horizontal pass. The including function sets
//
//	DI	dst
//	CX	outputs, a multiple of 4
//	SI	src
//	R8	starts
//	R9	weights
//	R11	taps, a multiple of 8, which is also its argument at taps+96(FP)
//
// and defines
//
//	SHIFT	fraction bits of a sum
//	STORE	stores four sums of 32 bits, in X0, as samples at DI
//	STEP	bytes of four samples of dst
//
// Four outputs at a time, eight taps at a time. An output has four partial sums, which are added up at the end.
	SHLQ $1, R11                 // bytes from the weights of one output to those of the next
	LEAQ (R11)(R11*2), R13

	MOVL         $(1<<(SHIFT-1)), AX // half
	VMOVD        AX, X15
	VPBROADCASTD X15, X15

output:
	MOVLQSX 0(R8), AX
	MOVLQSX 4(R8), BX
	MOVLQSX 8(R8), DX
	MOVLQSX 12(R8), R12
	LEAQ    (SI)(AX*2), AX
	LEAQ    (SI)(BX*2), BX
	LEAQ    (SI)(DX*2), DX
	LEAQ    (SI)(R12*2), R12
	VPXOR   X0, X0, X0
	VPXOR   X1, X1, X1
	VPXOR   X2, X2, X2
	VPXOR   X3, X3, X3
	MOVQ    taps+96(FP), R10

tap:
	VMOVDQU  (AX), X4
	VMOVDQU  (BX), X5
	VMOVDQU  (DX), X6
	VMOVDQU  (R12), X7
	VPMADDWD (R9), X4, X4
	VPMADDWD (R9)(R11*1), X5, X5
	VPMADDWD (R9)(R11*2), X6, X6
	VPMADDWD (R9)(R13*1), X7, X7
	VPADDD   X4, X0, X0
	VPADDD   X5, X1, X1
	VPADDD   X6, X2, X2
	VPADDD   X7, X3, X3
	ADDQ     $16, AX
	ADDQ     $16, BX
	ADDQ     $16, DX
	ADDQ     $16, R12
	ADDQ     $16, R9
	SUBQ     $8, R10
	JNE      tap

	VPHADDD X1, X0, X0
	VPHADDD X3, X2, X2
	VPHADDD X2, X0, X0
	VPADDD  X15, X0, X0
	VPSRAD  $SHIFT, X0, X0
	STORE
	ADDQ    R13, R9              // past the weights of the other three
	ADDQ    $STEP, DI
	ADDQ    $16, R8
	SUBQ    $4, CX
	JNE     output

	VZEROUPPER
	RET
